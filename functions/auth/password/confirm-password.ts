import { type Problem, problem } from '../../../shared/http/problem.ts';
import { secret } from '../../../shared/secrets.ts';
import { attemptCounter } from '../limit/attempt-limits.ts';
import { countAttempt, refundAttempts } from '../limit/attempts.ts';
import type { CallerWithAccount } from '../user/require-account.ts';
import { checkPassword } from './password-hash.ts';

/**
 * Checks the password of a signed-in caller, before an action for which an unlocked phone must not be enough.
 * @throws Problem `invalid-credentials`; `too-many-requests` after too many wrong passwords in this session.
 */
export async function confirmPassword({ caller, user }: CallerWithAccount, password: string, now: Date): Promise<void> {
  const counter = attemptCounter(await secret('RATE_LIMIT_KEY'), 'password in session', caller.sessionId);
  await countAttempt([counter], now);
  if ((await checkPassword(password, user.passwordHash)) === 'wrong') throw wrongPassword();
  await refundAttempts([counter]);
}

/** The answer to a wrong password of a caller who is signed in. */
export function wrongPassword(): Problem {
  return problem('invalid-credentials', {
    detail: 'The password is wrong.',
    headers: { 'WWW-Authenticate': 'Bearer' },
  });
}
