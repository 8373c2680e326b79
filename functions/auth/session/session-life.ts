import { isSessionAlive } from '../../../shared/auth/session-alive.ts';
import type { SessionDocument, UserDocument } from '../../../shared/db/collections.ts';

const DAY_MS = 24 * 60 * 60 * 1000;

/** A session that is not used for so long is over. */
const IDLE_MS = 30 * DAY_MS;

/** A session is over after so long, however much it is used: then the learner shows the password once more. */
const ABSOLUTE_MS = 180 * DAY_MS;

/** When a session that begins now ends at the latest. */
export function absoluteEnd(now: Date): Date {
  return new Date(now.getTime() + ABSOLUTE_MS);
}

/** When a session that is used now ends, unless it is used again before. */
export function nextEnd(absoluteExpiresAt: Date, now: Date): Date {
  return new Date(Math.min(now.getTime() + IDLE_MS, absoluteExpiresAt.getTime()));
}

/** Whether a session of the account is neither expired nor left behind by the account's epoch. */
export function isAlive(session: SessionDocument, user: UserDocument, now: Date): boolean {
  return session.userId === user._id && isSessionAlive(session, user, now);
}
