import { randomBytes } from 'node:crypto';
import { type CourseAccess, requireReadable } from '../../shared/access/can-read.ts';
import { courseAccessStages } from '../../shared/access/course-access-repository.ts';
import { confirmAfterFirstWrite, requireCaller } from '../../shared/access/require-caller.ts';
import type { FeedDocument } from '../../shared/db/collections.ts';
import type { Principal } from '../../shared/http/handler.ts';
import { secret } from '../../shared/secrets.ts';
import { insertFeed, removeFeed, removeFeedByHash, type StoredFeed } from './feed-repository.ts';
import { feedToken, feedTokenHash, feedUrl } from './feed-token.ts';

/**
 * Returns the address of a learner's feed of a course, and creates the feed if there is none.
 * @throws Problem `invalid-token`, `not-found`, `forbidden` or `unavailable`.
 */
export async function openFeed(
  principal: Principal,
  courseId: string,
  apiUrl: string,
  now = new Date(),
): Promise<{ url: string }> {
  const stages = courseAccessStages(courseId, principal.userId);
  const { caller, row } = await requireCaller<CourseAccess>(principal, now, stages);
  requireReadable(row, caller, now);

  const key = await secret('FEED_KEY');
  const newFeed = createFeed(key, { userId: caller.userId, courseId }, now);
  const { feed, isNew } = await replaceIfKeyChanged(await insertFeed(newFeed), newFeed, key);
  if (isNew) await confirmAfterFirstWrite(caller, () => removeFeed(caller, courseId));
  return { url: feedUrl(apiUrl, feedToken(key, feed)) };
}

/**
 * Replaces a stored feed if the key has changed since it was created: its token can no longer be derived. Of several
 * requests at once, all get the same new feed.
 */
async function replaceIfKeyChanged(stored: StoredFeed, newFeed: FeedDocument, key: string): Promise<StoredFeed> {
  const { feed } = stored;
  if (feedTokenHash(feedToken(key, feed)) === feed._id) return stored;
  await removeFeedByHash(feed._id);
  return insertFeed(newFeed);
}

/** Revokes the feed of a learner and course, if there is one. Its address is not found from then on. */
export async function revokeFeed(principal: Principal, courseId: string): Promise<undefined> {
  await removeFeed(principal, courseId);
}

function createFeed(key: string, owner: Pick<FeedDocument, 'userId' | 'courseId'>, now: Date): FeedDocument {
  const feed = { ...owner, seed: randomBytes(32).toString('base64url') };
  return { _id: feedTokenHash(feedToken(key, feed)), ...feed, createdAt: now };
}
