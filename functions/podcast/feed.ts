import { createHash } from 'node:crypto';
import { Reply } from '../../shared/http/answer.ts';
import { findFeedByHash } from './feed-repository.ts';
import { feedTokenHash } from './feed-token.ts';
import { rssFeed } from './rss.ts';
import { mayListen, noSuchFeed } from './subscriber.ts';

/**
 * A feed as RSS, or that what the app has is current.
 * @param ifNoneMatch the header of that name
 * @throws Problem `not-found` or `unavailable`.
 */
export async function findFeed(
  token: string,
  ifNoneMatch: string | undefined,
  apiUrl: string,
  now = new Date(),
): Promise<Reply<string | undefined>> {
  const feed = await findFeedByHash(feedTokenHash(token));
  if (feed === null || !mayListen(feed, now)) throw noSuchFeed();
  const xml = rssFeed(feed, { token, apiUrl });
  const etag = `"${createHash('sha256').update(xml).digest('base64url')}"`;
  // To be kept, but not used without asking: a feed that was revoked is gone at once.
  const headers = { ETag: etag, 'Cache-Control': 'private, no-cache' };
  return names(ifNoneMatch, etag) ? new Reply(304, undefined, headers) : new Reply(200, xml, headers);
}

/** Whether a list of entity tags names this one, compared weakly as for reads (RFC 9110 section 13.1.2). */
function names(list: string | undefined, etag: string): boolean {
  if (list === undefined) return false;
  return list.split(',').some((given) => given.trim() === '*' || given.trim().replace(/^W\//, '') === etag);
}
