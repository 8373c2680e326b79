import { lastLine } from '../../../tools/platform/run.ts';
import { isMapping } from '../../../tools/template/fields.ts';
import type { InvocationOutcome } from '../../gateway/lambda/execution-environment.ts';
import type { Finished } from './command.ts';

/**
 * The outcome of a `sam local invoke`. Its exit code is 0 even if the function failed: then it prints an object with
 * `errorType`. A function that timed out prints nothing.
 */
export function outcomeOf({ exitCode, stdout, stderr }: Finished): InvocationOutcome {
  const json = lastLine(stdout);
  if (exitCode !== 0) return failed('sam', lastLine(stderr) ?? `it ended with exit code ${exitCode}`);
  if (json === undefined) return failed('NoAnswer', lastLine(stderr) ?? 'the function printed no answer');

  const result = parse(json);
  if (isMapping(result) && 'errorType' in result && !('statusCode' in result)) {
    return failed(String(result['errorType']), String(result['errorMessage'] ?? ''));
  }
  return result === undefined ? failed('NoAnswer', json) : { kind: 'answered', json };
}

function failed(name: string, message: string): InvocationOutcome {
  return { kind: 'failed', error: { name, message } };
}

/** Undefined if it is not JSON. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Not an answer: the caller reports it, with the text.
    return undefined;
  }
}
