import type { Document, Filter } from 'mongodb';
import { query } from '../../../shared/db/client.ts';
import { COLLECTIONS, collection, type ProgressDocument } from '../../../shared/db/collections.ts';
import type { Principal } from '../../../shared/http/handler.ts';
import {
  type Asker,
  askerOf,
  askerRows,
  type Outline,
  outlineOf,
  type PublishedRow,
  publishedOutline,
} from '../learner/learner-repository.ts';

/** One change in the order of the feed. */
export interface ChangePosition {
  readonly updatedAt: Date;
  readonly courseId: string;
}

/** A learner's progress in one course, with what the course has in it now; null while it is not published. */
export interface Change {
  readonly progress: ProgressDocument;
  readonly outline: Outline | null;
}

/**
 * What changed of a learner's progress after a place, oldest first. Without a place it is all there is, without courses
 * that were left. Null when the session or account is gone. One round trip, along one index.
 */
export async function findChanges(
  principal: Pick<Principal, 'sessionId' | 'userId'>,
  after: ChangePosition | null,
  limit: number,
): Promise<(Asker & { readonly changes: readonly Change[] }) | null> {
  const rows = await query((db) =>
    collection(db, COLLECTIONS.sessions)
      .aggregate<Partial<Asker> & { readonly progress?: ProgressDocument; readonly course?: readonly PublishedRow[] }>(
        [
          ...askerRows(principal),
          {
            $unionWith: {
              coll: COLLECTIONS.progress.name,
              pipeline: [
                { $match: following(principal.userId, after) },
                { $sort: { userId: 1, updatedAt: 1, courseId: 1 } },
                { $limit: limit },
                {
                  $lookup: {
                    from: COLLECTIONS.courses.name,
                    localField: 'courseId',
                    foreignField: '_id',
                    pipeline: [{ $match: { published: { $ne: null } } }, { $project: { _id: 0, ...publishedOutline } }],
                    as: 'course',
                  },
                },
                { $unset: 'recentEvents' },
                { $project: { _id: 0, course: 1, progress: '$$ROOT' } },
                { $unset: 'progress.course' },
              ] satisfies Document[],
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
  const changes = rows.flatMap(({ progress, course }) =>
    progress === undefined ? [] : [{ progress, outline: outlineOf(course?.[0]) }],
  );
  return { ...asker, changes };
}

function following(userId: string, after: ChangePosition | null): Filter<ProgressDocument> {
  if (after === null) return { userId, joinedAt: { $ne: null } };
  const { updatedAt, courseId } = after;
  return {
    userId,
    // The first condition bounds the index, which the second alone would not.
    updatedAt: { $gte: updatedAt },
    $or: [{ updatedAt: { $gt: updatedAt } }, { courseId: { $gt: courseId } }],
  };
}
