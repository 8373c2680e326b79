import { invalidField } from '../refusals.ts';
import { COMMON_PASSWORDS } from './common-passwords.ts';

const HALF_A_PAIR = /\p{Surrogate}/u;

let common: ReadonlySet<string> | undefined;

/**
 * Refuses a password that anyone would try first (NIST SP 800-63B section 5.1.1.2), in any case. Its length, in code
 * points, is checked by the schema `newPassword`; nothing else is asked of it.
 * @param pointer the field it came in
 * @throws Problem `invalid-request`.
 */
export function assertAcceptable(password: string, pointer: `/${string}`): void {
  // Half of a surrogate pair has no bytes in UTF-8: all of them would be the same password.
  if (HALF_A_PAIR.test(password)) throw invalidField(pointer, 'must be text in Unicode');
  common ??= new Set(COMMON_PASSWORDS.trim().split(/\s+/));
  if (common.has(password.normalize('NFKC').toLowerCase())) {
    throw invalidField(pointer, 'is one of the most common passwords: choose another');
  }
}
