import { isNativeError } from 'node:util/types';

/** Returns the message of a thrown value. */
export function messageOf(error: unknown): string {
  // Not instanceof: under jest, Node's errors come from another realm.
  return isNativeError(error) ? error.message : String(error);
}

/** Returns the code of a Node system error, such as ENOENT. */
export function codeOf(error: unknown): unknown {
  return isNativeError(error) && 'code' in error ? error.code : undefined;
}

/**
 * Returns the message of `parseArgs` for wrong arguments.
 * @throws any other error as it is
 */
export function usageMessage(error: unknown): string {
  if (String(codeOf(error)).startsWith('ERR_PARSE_ARGS')) return messageOf(error);
  throw error;
}
