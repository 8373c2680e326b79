import { randomBytes } from 'node:crypto';
import { findStanding } from '../../shared/access/access-repository.ts';
import { confirmAccount } from '../../shared/access/account-repository.ts';
import { canRead } from '../../shared/access/can-read.ts';
import { invalidToken } from '../../shared/auth/challenges.ts';
import { isSessionAlive } from '../../shared/auth/session-alive.ts';
import type { FeedDocument } from '../../shared/db/collections.ts';
import type { Principal } from '../../shared/http/handler.ts';
import { problem } from '../../shared/http/problem.ts';
import { secret } from '../../shared/secrets.ts';
import { insertFeed, type KeptFeed, removeFeed, removeFeedByHash } from './feed-repository.ts';
import { feedToken, feedTokenHash, feedUrl } from './feed-token.ts';

/**
 * The address of a learner's feed of a course: the one there is, or else a new one.
 * @throws Problem `invalid-token`, `not-found`, `forbidden` or `unavailable`.
 */
export async function openFeed(
  { sessionId, userId }: Principal,
  courseId: string,
  apiUrl: string,
  now = new Date(),
): Promise<{ url: string }> {
  const standing = await findStanding({ sessionId, userId, courseId });
  if (standing === null || !isSessionAlive(standing.session, standing.account, now)) throw invalidToken();
  const { access, account, grant } = standing;
  if (access === null) throw problem('not-found', { detail: 'There is no such course.' });
  if (!canRead(access, account, grant, now)) {
    throw problem('forbidden', { detail: 'This account may not read the course.' });
  }

  const key = await secret('FEED_KEY');
  const fresh = newFeed(key, { userId, courseId }, now);
  const { feed, isNew } = await withKnownToken(await insertFeed(fresh), fresh, key);
  // The account may have been erased meanwhile, which then did not see the feed.
  if (isNew && !(await confirmAccount(userId))) {
    await removeFeed(userId, courseId);
    throw invalidToken();
  }
  return { url: feedUrl(apiUrl, feedToken(key, feed)) };
}

/**
 * The feed whose token the key gives. Where the key is another than when the feed was made, its token cannot be told any
 * more, and it makes way: of several who ask at once all get the same new one.
 */
async function withKnownToken(kept: KeptFeed, fresh: FeedDocument, key: string): Promise<KeptFeed> {
  const { feed } = kept;
  if (feedTokenHash(feedToken(key, feed)) === feed._id) return kept;
  await removeFeedByHash(feed._id);
  return insertFeed(fresh);
}

/** Makes the address of a learner's feed lead nowhere. */
export async function revokeFeed({ userId }: Principal, courseId: string): Promise<undefined> {
  await removeFeed(userId, courseId);
}

function newFeed(key: string, owner: Pick<FeedDocument, 'userId' | 'courseId'>, now: Date): FeedDocument {
  const unnamed = { ...owner, seed: randomBytes(32).toString('base64url') };
  return { _id: feedTokenHash(feedToken(key, unnamed)), ...unnamed, createdAt: now };
}
