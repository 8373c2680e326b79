import { PASSWORD_COST } from '../../functions/auth/password/password-hash.ts';

/** Hashes passwords at a thousandth of the cost in this test file. Call it once, at the top of the file. */
export function useQuickPasswords(): void {
  Object.assign(PASSWORD_COST, { ln: 7 });
}
