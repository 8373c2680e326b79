import { createHash } from 'node:crypto';
import { eventIdentity } from './effect.ts';

/** Bytes kept of a digest: among the 500 events a course remembers, two meet once in 10^16 times. */
const DIGEST_BYTES = 8;

/** What an event is remembered by: short, since each course of each learner keeps hundreds. */
export function eventDigest(eventId: string): string {
  return createHash('sha256').update(eventIdentity(eventId)).digest().subarray(0, DIGEST_BYTES).toString('base64url');
}
