import { secret } from '../../../shared/secrets.ts';
import { attemptCounter } from '../limit/attempt-limits.ts';
import { countAttempt, forgiveAttempts } from '../limit/attempts.ts';
import { wrongPassword } from '../refusals.ts';
import type { SessionWithUser } from '../session/session-repository.ts';
import { checkPassword } from './password-hash.ts';

/**
 * Has somebody who is signed in give the password once more, before what must not be done with a found phone.
 * @throws Problem `invalid-credentials`; `too-many-requests` after too many wrong ones in this session.
 */
export async function requirePassword({ session, user }: SessionWithUser, password: string, now: Date): Promise<void> {
  const counter = attemptCounter(await secret('RATE_LIMIT_KEY'), 'password in session', session._id);
  await countAttempt([counter], now);
  if ((await checkPassword(password, user.passwordHash)) === 'wrong') throw wrongPassword();
  await forgiveAttempts([counter]);
}
