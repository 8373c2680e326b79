import { StringDecoder } from 'node:string_decoder';
import { parseJson } from '../../../tools/platform/json.ts';
import { isMapping } from '../../../tools/template/fields.ts';
import { isLogLevel, type Log } from './log.ts';

/** Longest buffered line, in characters. A longer one is logged in pieces. */
const MAX_LINE_LENGTH = 256 * 1024;

/** Fields of a powertools log line that say nothing on one machine. */
const OMITTED = new Set([
  'cold_start',
  'function_arn',
  'function_memory_size',
  'function_name',
  'sampling_rate',
  'service',
  'thrown',
  'timestamp',
  'version',
  'xray_trace_id',
]);

/** Converts a function's output to log entries: JSON lines of its logger, and any other line as it is. */
export function createOutputReader(functionName: string, log: Log): (chunk: Buffer) => void {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  return (chunk) => {
    const lines = (rest + decoder.write(chunk)).split('\n');
    rest = lines.pop() ?? '';
    if (rest.length > MAX_LINE_LENGTH) {
      lines.push(rest);
      rest = '';
    }
    for (const line of lines) {
      if (line.trim() !== '') logLine(functionName, line, log);
    }
  };
}

function logLine(functionName: string, line: string, log: Log): void {
  const parsed = line.startsWith('{') ? parseJson(line) : undefined;
  if (!isMapping(parsed) || typeof parsed['level'] !== 'string' || typeof parsed['message'] !== 'string') {
    log({ kind: 'function', function: functionName, level: 'INFO', message: line, requestId: null, details: {} });
    return;
  }
  const { level, message, function: _, requestId, function_request_id: lambdaRequestId, ...fields } = parsed;
  const id = requestId ?? lambdaRequestId;
  log({
    kind: 'function',
    function: functionName,
    level: isLogLevel(level) ? level : 'INFO',
    message: String(message),
    requestId: typeof id === 'string' ? id : null,
    details: Object.fromEntries(Object.entries(fields).filter(([name]) => !OMITTED.has(name))),
  });
}
