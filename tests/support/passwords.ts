import { PASSWORD_COST } from '../../functions/auth/password/password-hash.ts';

/**
 * Has this test file hash passwords at a thousandth of the cost, for tests that are about something else.
 * Called once, at the top of the file.
 */
export function useQuickPasswords(): void {
  Object.assign(PASSWORD_COST, { ln: 7 });
}
