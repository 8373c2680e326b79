import { randomBytes } from 'node:crypto';
import type { SessionDocument, UserDocument } from '../../../shared/db/collections.ts';
import type { Static } from '../../../shared/http/json-schema.ts';
import type { tokens } from '../schemas.ts';
import { issueTokens } from '../token/token-pair.ts';
import { absoluteEnd, nextEnd } from './session-life.ts';
import { deleteSurplusSessions, insertSession, keepLatestOfDevice } from './session-repository.ts';

/** Most sessions of an account: more than a learner has devices, few enough for one page. */
const MAX_SESSIONS = 50;

/** What an app tells about its device. */
export interface Device {
  readonly deviceId?: string | undefined;
  readonly deviceName?: string | undefined;
}

/** A session that has just started. */
export interface StartedSession {
  readonly sessionId: string;
  /**
   * Ends the earlier session of the same device, and the least recently used one if the account has too many. Returns the
   * tokens: if the device has signed in once more meanwhile, those of that session. Call it when the sign-in can no longer
   * be refused.
   */
  readonly confirm: () => Promise<Static<typeof tokens>>;
}

/** Starts a session on a device. It ends no other one before it is confirmed. */
export async function startSession(user: UserDocument, device: Device, now: Date): Promise<StartedSession> {
  // UUIDs are the same in any case (RFC 9562 section 4).
  const deviceId = device.deviceId?.toLowerCase();
  const absoluteExpiresAt = absoluteEnd(now);
  const session: SessionDocument = {
    _id: randomBytes(16).toString('base64url'),
    userId: user._id,
    ...(deviceId !== undefined && { deviceId }),
    deviceName: device.deviceName ?? null,
    createdAt: now,
    lastUsedAt: now,
    seed: randomBytes(32).toString('base64url'),
    generation: 0,
    rotatedAt: now,
    absoluteExpiresAt,
    expiresAt: nextEnd(absoluteExpiresAt, now),
    epoch: user.tokenEpoch,
  };
  const [issued] = await Promise.all([issueTokens(user, session, now), insertSession(session)]);
  return {
    sessionId: session._id,
    confirm: async () => {
      // After the session was inserted, so that concurrent sign-ins count each other.
      const [later] = await Promise.all([
        deviceId === undefined ? null : keepLatestOfDevice({ ...session, deviceId }, now),
        deleteSurplusSessions(session, MAX_SESSIONS - 1),
      ]);
      return later === null ? issued : issueTokens(user, later, now);
    },
  };
}
