import { parseJson } from '../../../tools/platform/json.ts';
import { lastLine, type RunResult } from '../../../tools/platform/run.ts';
import { isMapping } from '../../../tools/template/fields.ts';
import type { InvocationOutcome } from '../../gateway/lambda/execution-environment.ts';

/**
 * Parses the outcome of a `sam local invoke`. Its exit code is 0 even if the function failed: then it prints an object
 * with `errorType`. A function that timed out prints nothing.
 */
export function parseInvocationOutcome({
  exitCode,
  stdout,
  stderr,
}: Pick<RunResult, 'exitCode' | 'stdout' | 'stderr'>): InvocationOutcome {
  const json = lastLine(stdout);
  if (exitCode !== 0) return failed('sam', lastLine(stderr) ?? `it ended with exit code ${exitCode}`);
  if (json === undefined) return failed('NoAnswer', lastLine(stderr) ?? 'the function printed no answer');

  const result = parseJson(json);
  if (isMapping(result) && 'errorType' in result && !('statusCode' in result)) {
    return failed(String(result['errorType']), String(result['errorMessage'] ?? ''));
  }
  return result === undefined ? failed('NoAnswer', json) : { kind: 'answered', json };
}

function failed(name: string, message: string): InvocationOutcome {
  return { kind: 'failed', error: { name, message } };
}
