import { createHash, createHmac } from 'node:crypto';
import type { FeedDocument } from '../../shared/db/collections.ts';

/** Shortest key taken, in characters: 32 of base64 are 192 bits. */
const MIN_KEY_LENGTH = 32;

/**
 * The secret in the address of a feed, 256 bits in base64url. It follows from key and feed, so that it is never stored and
 * comes out the same when it is asked for again.
 */
export function feedToken(key: string, { userId, courseId, seed }: Omit<FeedDocument, '_id' | 'createdAt'>): string {
  if (key.length < MIN_KEY_LENGTH) throw new Error(`The feed key is shorter than ${MIN_KEY_LENGTH} characters`);
  return createHmac('sha256', key).update(`feed\0${userId}\0${courseId}\0${seed}`).digest('base64url');
}

/** What a feed is found by: whoever reads the database has the hashes of tokens, and no token. */
export function feedTokenHash(token: string): string {
  return createHash('sha256').update(token).digest('base64url');
}

/** Where podcast apps find a feed. */
export function feedUrl(apiUrl: string, token: string): string {
  return `${apiUrl}/feeds/${token}`;
}

/**
 * Where podcast apps find an episode.
 * @param storeKey of its file, whose extension it ends in
 */
export function episodeUrl(apiUrl: string, token: string, lessonId: string, storeKey: string): string {
  return `${feedUrl(apiUrl, token)}/episodes/${lessonId}${/\.[a-z0-9]+$/.exec(storeKey)?.[0] ?? ''}`;
}
