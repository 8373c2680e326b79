import { randomBytes } from 'node:crypto';
import type { SessionDocument, UserDocument } from '../../../shared/db/collections.ts';
import type { Static } from '../../../shared/http/json-schema.ts';
import type { tokens } from '../schemas.ts';
import { issueTokens } from '../token/token-pair.ts';
import { absoluteEnd, nextEnd } from './session-life.ts';
import { deleteOthersBeyond, insertSession } from './session-repository.ts';

/** Most sessions of an account: more than a learner has devices, few enough for one page. */
const MAX_SESSIONS = 50;

/** Starts a session on a device. If the account has too many sessions, ends the least recently used. */
export async function startSession(
  user: UserDocument,
  deviceName: string | undefined,
  now: Date,
): Promise<{ readonly sessionId: string; readonly tokens: Static<typeof tokens> }> {
  const absoluteExpiresAt = absoluteEnd(now);
  const session: SessionDocument = {
    _id: randomBytes(16).toString('base64url'),
    userId: user._id,
    deviceName: deviceName ?? null,
    createdAt: now,
    lastUsedAt: now,
    seed: randomBytes(32).toString('base64url'),
    generation: 0,
    rotatedAt: now,
    absoluteExpiresAt,
    expiresAt: nextEnd(absoluteExpiresAt, now),
    epoch: user.tokenEpoch,
  };
  const [issued] = await Promise.all([
    issueTokens(user, session, now),
    insertSession(session),
    deleteOthersBeyond(session, MAX_SESSIONS - 1),
  ]);
  return { sessionId: session._id, tokens: issued };
}
