import type { Document } from 'mongodb';
import type { Grant } from '../../shared/access/can-read.ts';
import { query } from '../../shared/db/client.ts';
import {
  COLLECTIONS,
  type CourseDocument,
  type FeedDocument,
  type LessonDocument,
  type Recording,
  type StoredMedia,
  type UserDocument,
} from '../../shared/db/collections.ts';
import { unscopedCollection } from '../../shared/db/unscoped.ts';
import type { Principal } from '../../shared/http/handler.ts';

type PublishedCourse = NonNullable<CourseDocument['published']>;

/** The learner who subscribed, and their access to the course now. */
export interface Subscriber {
  readonly account: Pick<UserDocument, 'roles'>;
  readonly access: CourseDocument['access'];
  readonly grant: Grant | null;
}

/** A lesson with a file that podcast apps can play. */
export interface Episode extends Pick<LessonDocument, 'firstPublishedAt'> {
  readonly id: string;
  readonly title: string;
  readonly durationSeconds: number | null;
  readonly captions: LessonDocument['lesson']['captions'];
  readonly recording: Recording & { readonly file: StoredMedia };
}

/** A feed with all of its episodes. */
export interface FoundFeed extends Subscriber {
  readonly course: Pick<
    PublishedCourse,
    'id' | 'title' | 'summary' | 'language' | 'authors' | 'image' | 'publishedAt' | 'updatedAt' | 'modules'
  >;
  readonly episodes: readonly Episode[];
}

/** The file of one episode, and its duration. */
export interface FoundEpisode extends Subscriber {
  readonly file: StoredMedia;
  readonly durationSeconds: number | null;
}

/** The one feed of a learner and course. `isNew` tells whether this request created it. */
export interface StoredFeed {
  readonly feed: FeedDocument;
  readonly isNew: boolean;
}

/** Inserts a feed unless the learner has one of the course already. Returns the stored one. */
export async function insertFeed(feed: FeedDocument): Promise<StoredFeed> {
  const { userId, courseId, ...rest } = feed;
  const found = await query((db) =>
    unscopedCollection(db, COLLECTIONS.feeds).findOneAndUpdate(
      { userId, courseId },
      { $setOnInsert: rest },
      { upsert: true, returnDocument: 'after' },
    ),
  );
  if (found === null) throw new Error('An upsert returned no document');
  return { feed: found, isNew: found._id === feed._id };
}

/** Removes a learner's feed of a course, if there is one. */
export async function removeFeed({ userId }: Pick<Principal, 'userId'>, courseId: string): Promise<void> {
  await query((db) => unscopedCollection(db, COLLECTIONS.feeds).deleteMany({ userId, courseId }));
}

/** Removes one feed by the hash of its token. A newer feed of the same learner and course stays. */
export async function removeFeedByHash(hash: string): Promise<void> {
  await query((db) => unscopedCollection(db, COLLECTIONS.feeds).deleteOne({ _id: hash }));
}

/**
 * Finds a feed by the hash of its token. Null if the feed, the account or the published course is gone. One round trip.
 */
export async function findFeedByHash(hash: string): Promise<FoundFeed | null> {
  const [found] = await query((db) =>
    unscopedCollection(db, COLLECTIONS.feeds)
      .aggregate<FoundFeed>([
        ...subscriberStages(hash),
        {
          $lookup: {
            as: 'episodes',
            from: COLLECTIONS.lessons.name,
            localField: 'courseId',
            foreignField: 'courseId',
            pipeline: [
              { $match: { 'recording.file': { $ne: null } } },
              {
                $project: {
                  _id: 0,
                  id: '$lesson.id',
                  title: '$lesson.title',
                  durationSeconds: '$lesson.durationSeconds',
                  captions: '$lesson.captions',
                  firstPublishedAt: 1,
                  recording: 1,
                },
              },
            ],
          },
        },
        {
          $project: {
            _id: 0,
            account: 1,
            access: '$course.access',
            grant: 1,
            course: '$course.published',
            episodes: 1,
          },
        },
      ])
      .toArray(),
  );
  return found ?? null;
}

/**
 * Finds one episode of a feed. Null if the feed, the account, the published course or the episode is gone. One round
 * trip.
 */
export async function findEpisodeByHash(hash: string, lessonId: string): Promise<FoundEpisode | null> {
  const [found] = await query((db) =>
    unscopedCollection(db, COLLECTIONS.feeds)
      .aggregate<FoundEpisode>([
        ...subscriberStages(hash),
        { $set: { lessonKey: { $concat: ['$courseId', '/', lessonId] } } },
        lookup(
          'lesson',
          COLLECTIONS.lessons.name,
          'lessonKey',
          { 'recording.file': { $ne: null } },
          {
            'recording.file': 1,
            'lesson.durationSeconds': 1,
          },
        ),
        { $unwind: '$lesson' },
        {
          $project: {
            _id: 0,
            account: 1,
            access: '$course.access',
            grant: 1,
            file: '$lesson.recording.file',
            durationSeconds: '$lesson.lesson.durationSeconds',
          },
        },
      ])
      .toArray(),
  );
  return found ?? null;
}

/**
 * Stages that find the feed with its account and published course, and the grant if there is one. No result if any of
 * the first three is gone.
 */
function subscriberStages(hash: string): Document[] {
  return [
    { $match: { _id: hash } },
    { $set: { grantKey: { $concat: ['$courseId', '/', '$userId'] } } },
    lookup('account', COLLECTIONS.users.name, 'userId', {}, { roles: 1 }),
    { $unwind: '$account' },
    lookup('course', COLLECTIONS.courses.name, 'courseId', { published: { $ne: null } }, { access: 1, published: 1 }),
    { $unwind: '$course' },
    lookup('grant', COLLECTIONS.grants.name, 'grantKey', {}, { expiresAt: 1 }),
    { $set: { grant: { $ifNull: [{ $first: '$grant' }, null] } } },
  ];
}

/** Looks up the document of another collection whose `_id` a field here holds, as a list of one or none. */
function lookup(as: string, from: string, localField: string, filter: Document, projection: Document): Document {
  const pipeline = [{ $match: filter }, { $project: { _id: 0, ...projection } }];
  return { $lookup: { as, from, localField, foreignField: '_id', pipeline } };
}
