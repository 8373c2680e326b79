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
