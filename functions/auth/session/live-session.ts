import { invalidToken } from '../../../shared/auth/challenges.ts';
import type { Principal } from '../../../shared/http/handler.ts';
import { isAlive } from './session-life.ts';
import { findSessionWithUser, type SessionWithUser } from './session-repository.ts';

/**
 * The session and account of a principal as they are now: for what must not be done in the minutes that an access token
 * outlives its session. One round trip.
 * @throws Problem `invalid-token` when the session is over.
 */
export async function requireLiveSession(principal: Principal, now = new Date()): Promise<SessionWithUser> {
  const found = await findSessionWithUser(principal.sessionId);
  if (found === null || found.user._id !== principal.userId || !isAlive(found.session, found.user, now)) {
    throw invalidToken();
  }
  return found;
}
