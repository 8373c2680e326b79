import { requireCaller } from '../../../shared/access/require-caller.ts';
import { invalidToken } from '../../../shared/auth/challenges.ts';
import type { Principal } from '../../../shared/http/handler.ts';
import { problem } from '../../../shared/http/problem.ts';
import { raiseTokenEpoch } from '../user/user-repository.ts';
import { deleteSession, deleteSessions } from './session-repository.ts';

/**
 * Ends the caller's own session. One round trip: the deletion itself tells whether the session was there.
 * @throws Problem `invalid-token` if it has ended already.
 */
export async function logout({ userId, sessionId }: Principal): Promise<undefined> {
  if ((await deleteSession(userId, sessionId)) === 'not-found') throw invalidToken();
}

/**
 * Ends every session of the caller's account. Raising the epoch does that, even for a sign-in at the same moment;
 * deleting the sessions only tidies up.
 * @throws Problem `invalid-token` if the caller's own session has ended already.
 */
export async function logoutAll(principal: Principal, now = new Date()): Promise<undefined> {
  const { caller } = await requireCaller(principal, now);
  await raiseTokenEpoch(caller);
  await deleteSessions(caller);
}

/**
 * Ends one session of the caller's account, which may be the caller's own.
 * @throws Problem `not-found` if the account has no such session; `invalid-token` as for {@link logoutAll}.
 */
export async function endSession(principal: Principal, sessionId: string, now = new Date()): Promise<undefined> {
  const { caller } = await requireCaller(principal, now);
  if ((await deleteSession(caller.userId, sessionId)) === 'not-found') {
    throw problem('not-found', { detail: 'There is no such session.' });
  }
}
