import { createHash } from 'node:crypto';
import { canRead, readableUntil } from '../../shared/access/can-read.ts';
import { Reply } from '../../shared/http/answer.ts';
import { problem } from '../../shared/http/problem.ts';
import { grantLifetime } from '../../shared/media/lifetime.ts';
import { currentMediaKey } from '../../shared/media/media-signing-key.ts';
import { signedFileUrl } from '../../shared/media/signature.ts';
import { findEpisodeByHash, findFeedByHash, type Subscriber } from './feed-repository.ts';
import { feedTokenHash } from './feed-token.ts';
import { rssFeed } from './rss.ts';

/**
 * Returns a feed as RSS, or 304 if the app's copy is current.
 * @param ifNoneMatch the request header of that name
 * @throws Problem `not-found` or `unavailable`.
 */
export async function findFeed(
  token: string,
  ifNoneMatch: string | undefined,
  apiUrl: string,
  now = new Date(),
): Promise<Reply<string | undefined>> {
  const feed = requireReadableBySubscriber(await findFeedByHash(feedTokenHash(token)), now);
  const xml = rssFeed(feed, { token, apiUrl });
  const etag = `"${createHash('sha256').update(xml).digest('base64url')}"`;
  // Apps may store the feed but must revalidate it, so that a revoked feed is gone at once.
  const headers = { ETag: etag, 'Cache-Control': 'private, no-cache' };
  return matches(ifNoneMatch, etag) ? new Reply(304, undefined, headers) : new Reply(200, xml, headers);
}

/**
 * Redirects to the recording of an episode by a link that is signed now.
 * @param name the id of the lesson, with or without the version and the extension of its file
 * @throws Problem `not-found` or `unavailable`.
 */
export async function findEpisode(token: string, name: string, now = new Date()): Promise<Reply<undefined>> {
  const [lessonId = ''] = name.split('.');
  const [key, found] = await Promise.all([currentMediaKey(), findEpisodeByHash(feedTokenHash(token), lessonId)]);
  const { access, account, grant, durationSeconds, file } = requireReadableBySubscriber(found, now);
  const { expiresAt } = grantLifetime(durationSeconds ?? 0, now, readableUntil(access, account, grant));
  return new Reply(302, undefined, { Location: signedFileUrl(key, file.key, expiresAt) });
}

/** Gives one answer whatever the reason, so that an address tells nothing about the learner or the course. */
function requireReadableBySubscriber<Found extends Subscriber>(found: Found | null, now: Date): Found {
  if (found === null || !canRead(found.access, found.account, found.grant, now)) {
    throw problem('not-found', { detail: 'There is no such feed or episode.' });
  }
  return found;
}

/** Whether an `If-None-Match` list names this entity tag, by the weak comparison of RFC 9110 section 13.1.2. */
function matches(list: string | undefined, etag: string): boolean {
  if (list === undefined) return false;
  return list.split(',').some((given) => given.trim() === '*' || given.trim().replace(/^W\//, '') === etag);
}
