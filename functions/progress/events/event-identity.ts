import { createHash } from 'node:crypto';

/** Bytes of a digest: among the 500 events that a course remembers, two collide once in 10^16 times. */
const DIGEST_BYTES = 8;

/** Returns the form in which event ids are compared: a UUID means the same in either case (RFC 9562 section 4). */
export function eventIdentity(eventId: string): string {
  return eventId.toLowerCase();
}

/** Returns what a course remembers an event by. Short, since each course of each learner stores hundreds. */
export function eventDigest(eventId: string): string {
  return createHash('sha256').update(eventIdentity(eventId)).digest().subarray(0, DIGEST_BYTES).toString('base64url');
}
