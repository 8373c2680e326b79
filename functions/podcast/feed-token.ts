import { createHash } from 'node:crypto';
import type { FeedDocument, StoredMedia } from '../../shared/db/collections.ts';
import { keyedMac } from '../../shared/keyed-mac.ts';

/** Enough of a file's hash to tell the recordings of one lesson apart. */
const FILE_VERSION_LENGTH = 8;

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
 * Returns the address of an episode. It changes with the file, because many apps download an episode again only from
 * another address. The version is in the path, so that the address ends in the file's extension, which some apps
 * require.
 */
export function episodeUrl(
  apiUrl: string,
  token: string,
  lessonId: string,
  { key, sha256 }: Pick<StoredMedia, 'key' | 'sha256'>,
): string {
  const extension = /\.[a-z0-9]+$/.exec(key)?.[0] ?? '';
  return `${feedUrl(apiUrl, token)}/episodes/${lessonId}.${sha256.slice(0, FILE_VERSION_LENGTH)}${extension}`;
}
