import { createHash } from 'node:crypto';
import { keyedMac } from '../../shared/auth/keyed-mac.ts';
import type { FeedDocument } from '../../shared/db/collections.ts';

/**
 * Derives the secret in the address of a feed, 256 bits in base64url. Key and feed determine it, so it is never stored
 * and can be derived again.
 */
export function feedToken(key: string, { userId, courseId, seed }: Omit<FeedDocument, '_id' | 'createdAt'>): string {
  return keyedMac(key, 'feed', ['feed', userId, courseId, seed]).toString('base64url');
}

/** Returns the hash that identifies a feed. Someone who reads the database gets hashes, not tokens. */
export function feedTokenHash(token: string): string {
  return createHash('sha256').update(token).digest('base64url');
}

/** Returns the address of a feed. */
export function feedUrl(apiUrl: string, token: string): string {
  return `${apiUrl}/feeds/${token}`;
}

/**
 * Returns the address of an episode.
 * @param storeKey of its file; the address ends in the same extension
 */
export function episodeUrl(apiUrl: string, token: string, lessonId: string, storeKey: string): string {
  return `${feedUrl(apiUrl, token)}/episodes/${lessonId}${/\.[a-z0-9]+$/.exec(storeKey)?.[0] ?? ''}`;
}
