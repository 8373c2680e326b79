import { invalidToken } from '../../../shared/auth/challenges.ts';
import type { Principal } from '../../../shared/http/handler.ts';
import { problem } from '../../../shared/http/problem.ts';
import { raiseTokenEpoch } from '../account/user-repository.ts';
import { requireLiveSession } from './live-session.ts';
import { deleteSession, deleteSessions } from './session-repository.ts';

/**
 * Ends the session that asks. One round trip.
 * @throws Problem `invalid-token` when it has ended already.
 */
export async function logout({ userId, sessionId }: Principal): Promise<undefined> {
  if ((await deleteSession(userId, sessionId)) === 'not-found') throw invalidToken();
}

/**
 * Ends every session of the account. The epoch does it, for a sign-in under way too; to delete them is to tidy up.
 * @throws Problem `invalid-token` when the session that asks has ended already.
 */
export async function logoutAll(principal: Principal, now = new Date()): Promise<undefined> {
  const { user } = await requireLiveSession(principal, now);
  await raiseTokenEpoch(user._id);
  await deleteSessions(user._id);
}

/**
 * Ends one session of the account, be it the one that asks.
 * @throws Problem `not-found` for one that is not there or is somebody else's; `invalid-token` as {@link logoutAll}.
 */
export async function endSession(principal: Principal, sessionId: string, now = new Date()): Promise<undefined> {
  const { user } = await requireLiveSession(principal, now);
  if ((await deleteSession(user._id, sessionId)) === 'not-found') {
    throw problem('not-found', { detail: 'There is no such session.' });
  }
}
