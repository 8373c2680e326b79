import { isNativeError } from 'node:util/types';

/** What a thrown value says. */
export function messageOf(error: unknown): string {
  // Not instanceof: the errors that Node makes are of another realm under jest.
  return isNativeError(error) ? error.message : String(error);
}

/** The code that Node gives an error of the system, such as ENOENT. */
export function codeOf(error: unknown): unknown {
  return isNativeError(error) && 'code' in error ? error.code : undefined;
}
