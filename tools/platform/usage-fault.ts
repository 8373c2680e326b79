import { codeOf, messageOf } from './errors.ts';

/**
 * What `parseArgs` says of arguments it does not take.
 * @throws whatever else the error is
 */
export function usageFault(error: unknown): string {
  if (String(codeOf(error)).startsWith('ERR_PARSE_ARGS')) return messageOf(error);
  throw error;
}
