import { invalidToken } from '../../../shared/auth/challenges.ts';
import { isSessionAlive } from '../../../shared/auth/session-alive.ts';
import type { Principal } from '../../../shared/http/handler.ts';
import { type Asker, findLearner, type Learner } from './learner-repository.ts';

/**
 * The learner who sent a request, with the courses that it names.
 * @param digests of the events in it
 * @throws Problem `invalid-token` when the session is over or the account is gone; `unavailable`.
 */
export async function requireLearner(
  principal: Principal,
  courseIds: readonly string[],
  digests: readonly string[],
  now: Date,
): Promise<Learner> {
  return requireAlive(await findLearner(principal, courseIds, digests), now);
}

/**
 * What was found for somebody whose session still lives.
 * @throws Problem `invalid-token` when it is over, or the account gone.
 */
export function requireAlive<Found extends Asker>(found: Found | null, now: Date): Found {
  if (found === null || !isSessionAlive(found.session, found.account, now)) throw invalidToken();
  return found;
}
