import { invalidBody } from '../../../shared/http/problem.ts';
import commonPasswords from './common-passwords.json' with { type: 'json' };

const HALF_A_PAIR = /\p{Surrogate}/u;

let common: ReadonlySet<string> | undefined;

/**
 * Refuses common passwords, regardless of case (NIST SP 800-63B section 5.1.1.2). The schema `newPassword` checks the
 * length, in code points. There are no other requirements.
 * @param pointer to the field with the password
 * @throws Problem `invalid-request`.
 */
export function assertAcceptable(password: string, pointer: `/${string}`): void {
  // A lone surrogate has no UTF-8 encoding, so that all of them would be the same password.
  if (HALF_A_PAIR.test(password)) throw invalidBody(pointer, 'must be text in Unicode');
  common ??= new Set(commonPasswords.passwords.flatMap((line) => line.split(' ')));
  if (common.has(password.normalize('NFKC').toLowerCase())) {
    throw invalidBody(pointer, 'is one of the most common passwords: choose another');
  }
}
