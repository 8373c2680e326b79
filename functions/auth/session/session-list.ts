import { requireCaller } from '../../../shared/access/require-caller.ts';
import type { SessionDocument } from '../../../shared/db/collections.ts';
import type { Output } from '../../../shared/http/contract.ts';
import type { Principal } from '../../../shared/http/handler.ts';
import type { contract } from '../contract.ts';
import { liveSessionsStage } from './session-repository.ts';

type SessionsRoute = (typeof contract)['routes']['GET /auth/sessions'];

/**
 * Lists the sessions of the caller's account. One round trip.
 * @throws Problem `invalid-token` or `unavailable`.
 */
export async function listSessions(principal: Principal, now = new Date()): Promise<Output<SessionsRoute>> {
  const { caller, row } = await requireCaller<{ readonly sessions: readonly SessionDocument[] }>(principal, now, [
    liveSessionsStage(principal.userId, now),
  ]);
  const items = row.sessions.map(({ _id, deviceId, deviceName, createdAt, lastUsedAt, expiresAt }) => ({
    id: _id,
    deviceId: deviceId ?? null,
    deviceName,
    createdAt: createdAt.toISOString(),
    lastUsedAt: lastUsedAt.toISOString(),
    expiresAt: expiresAt.toISOString(),
    current: _id === caller.sessionId,
  }));
  return { items, nextCursor: null };
}
