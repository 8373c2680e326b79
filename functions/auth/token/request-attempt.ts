import { timingSafeEqual } from 'node:crypto';
import { keyedMac } from '../../../shared/keyed-mac.ts';

/** The requests that name their attempt, so that a retry is recognized. */
export type AttemptSubject =
  /** A refresh with the token of this session and generation. */
  | readonly [route: 'refresh', sessionId: string, generation: string]
  /** The registration of this account. */
  | readonly [route: 'register', userId: string];

/**
 * Returns the hash by which a retry of a request is recognized. It covers what the request was for, so that an id that
 * an app uses again by mistake matches nothing else. UUIDs are the same in any case (RFC 9562 section 4).
 */
export function attemptHash(key: string, subject: AttemptSubject, attemptId: string): string {
  return keyedMac(key, 'refresh', ['attempt', ...subject, attemptId.toLowerCase()]).toString('base64url');
}

/**
 * Tells whether a request names the stored attempt, in constant time. A request without an attempt is never a retry.
 */
export function isSameAttempt(stored: string | null | undefined, presented: string | undefined): boolean {
  if (stored === null || stored === undefined || presented === undefined) return false;
  const [a, b] = [Buffer.from(stored), Buffer.from(presented)];
  return a.length === b.length && timingSafeEqual(a, b);
}
