import { codeOf, messageOf } from './errors.ts';

/**
 * Returns the message of `parseArgs` for wrong arguments.
 * @throws any other error as it is
 */
export function usageFault(error: unknown): string {
  if (String(codeOf(error)).startsWith('ERR_PARSE_ARGS')) return messageOf(error);
  throw error;
}
