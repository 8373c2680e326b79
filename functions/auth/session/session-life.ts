import { isSessionAlive } from '../../../shared/auth/caller.ts';
import type { SessionDocument, UserDocument } from '../../../shared/db/collections.ts';

const DAY_MS = 24 * 60 * 60 * 1000;

/** Idle session lifetime. */
const IDLE_MS = 30 * DAY_MS;

/** Absolute session lifetime, regardless of activity. */
const ABSOLUTE_MS = 180 * DAY_MS;

/** Returns the latest end of a session that starts now. */
export function absoluteEnd(now: Date): Date {
  return new Date(now.getTime() + ABSOLUTE_MS);
}

/** Returns when a session that is used now ends, unless it is used again. */
export function nextEnd(absoluteExpiresAt: Date, now: Date): Date {
  return new Date(Math.min(now.getTime() + IDLE_MS, absoluteExpiresAt.getTime()));
}

/** Tells whether a session belongs to the account and is active. */
export function isAlive(session: SessionDocument, user: UserDocument, now: Date): boolean {
  return session.userId === user._id && isSessionAlive(session, user, now);
}
