import { invalidToken } from '../../../shared/auth/challenges.ts';
import type { Output } from '../../../shared/http/contract.ts';
import type { Principal } from '../../../shared/http/handler.ts';
import type { contract } from '../contract.ts';
import { findLiveSessions } from './session-repository.ts';

type SessionsRoute = (typeof contract)['routes']['GET /auth/sessions'];

/**
 * Where the account is signed in. One round trip, which also tells whether the session that asks is still one of them.
 * @throws Problem `invalid-token` when it is not.
 */
export async function listSessions({ userId, sessionId }: Principal, now = new Date()): Promise<Output<SessionsRoute>> {
  const sessions = await findLiveSessions(userId, now);
  if (!sessions.some(({ _id }) => _id === sessionId)) throw invalidToken();
  const items = sessions.map(({ _id, deviceName, createdAt, lastUsedAt, expiresAt }) => ({
    id: _id,
    deviceName,
    createdAt: createdAt.toISOString(),
    lastUsedAt: lastUsedAt.toISOString(),
    expiresAt: expiresAt.toISOString(),
    current: _id === sessionId,
  }));
  return { items, nextCursor: null };
}
