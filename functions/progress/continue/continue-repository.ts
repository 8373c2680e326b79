import type { Filter } from 'mongodb';
import type { Grant } from '../../../shared/access/can-read.ts';
import { query } from '../../../shared/db/client.ts';
import { COLLECTIONS, type CourseDocument, collection, type ProgressDocument } from '../../../shared/db/collections.ts';
import type { Principal } from '../../../shared/http/handler.ts';
import { type Asker, askerOf, askerRows, type PublishedRow, publishedOutline } from '../learner/learner-repository.ts';

/** A course as it is needed to go on with it. */
export interface StartedCourse {
  readonly progress: ProgressDocument;
  /** Null while it is not published. */
  readonly course: (PublishedRow & Pick<CourseDocument, 'access'> & { title: string; image: string | null }) | null;
  readonly grant: Grant | null;
}

/** Where a list of what to continue goes on. */
export interface ActivityPosition {
  readonly activeAt: Date;
  readonly courseId: string;
}

/**
 * Courses that a learner has begun and not finished, the newest activity first. Null when the session or account is gone.
 * One round trip, along one index.
 */
export async function findStartedCourses(
  principal: Pick<Principal, 'sessionId' | 'userId'>,
  after: ActivityPosition | null,
  limit: number,
): Promise<(Asker & { readonly started: readonly StartedCourse[] }) | null> {
  const { userId } = principal;
  const rows = await query((db) =>
    collection(db, COLLECTIONS.sessions)
      .aggregate<
        Partial<Asker> & {
          readonly progress?: ProgressDocument;
          readonly course?: readonly NonNullable<StartedCourse['course']>[];
          readonly grant?: readonly Grant[];
        }
      >(
        [
          ...askerRows(principal),
          {
            $unionWith: {
              coll: COLLECTIONS.progress.name,
              pipeline: [
                { $match: following(userId, after) },
                { $sort: { userId: 1, resumable: 1, activeAt: -1, courseId: 1 } },
                { $limit: limit },
                { $project: { _id: 0, progress: '$$ROOT' } },
                { $unset: 'progress.recentEvents' },
                {
                  $lookup: {
                    from: COLLECTIONS.courses.name,
                    localField: 'progress.courseId',
                    foreignField: '_id',
                    pipeline: [
                      { $match: { published: { $ne: null } } },
                      {
                        $project: {
                          _id: 0,
                          access: 1,
                          title: '$published.title',
                          image: '$published.image',
                          ...publishedOutline,
                        },
                      },
                    ],
                    as: 'course',
                  },
                },
                { $set: { grantId: { $concat: ['$progress.courseId', '/', userId] } } },
                {
                  $lookup: {
                    from: COLLECTIONS.grants.name,
                    localField: 'grantId',
                    foreignField: '_id',
                    pipeline: [{ $project: { _id: 0, expiresAt: 1 } }],
                    as: 'grant',
                  },
                },
              ],
            },
          },
        ],
        // One more than there can be, so that the server sees the end at once.
        { batchSize: limit + 3 },
      )
      .toArray(),
  );
  const asker = askerOf(rows);
  if (asker === null) return null;
  const started = rows.flatMap(({ progress, course, grant }) =>
    progress === undefined ? [] : [{ progress, course: course?.[0] ?? null, grant: grant?.[0] ?? null }],
  );
  return { ...asker, started };
}

function following(userId: string, after: ActivityPosition | null): Filter<ProgressDocument> {
  const started = { userId, resumable: true };
  if (after === null) return started;
  const { activeAt, courseId } = after;
  return {
    ...started,
    // The first condition bounds the index, which the second alone would not.
    activeAt: { $lte: activeAt },
    $or: [{ activeAt: { $lt: activeAt } }, { courseId: { $gt: courseId } }],
  };
}
