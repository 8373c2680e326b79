import type { Document, Filter } from 'mongodb';
import { COLLECTIONS, type ProgressDocument } from '../../../shared/db/collections.ts';
import { UNREAD_FIELDS } from '../learner/learner-repository.ts';
import { outlineProjection, type ProjectedOutline } from '../learner/outline-repository.ts';

/** The position of a change in the order in which changes are listed. */
export interface ChangePosition {
  readonly updatedAt: Date;
  readonly courseId: string;
}

/** A row of {@link changesStages}. `course` is empty while the course is not published. */
export interface ChangeRow {
  readonly progress: ProgressDocument;
  readonly course: readonly ProjectedOutline[];
}

/**
 * Stages for `requireCaller` that add a row for each change of the learner's progress after a position, oldest first.
 * Null starts at the beginning, and omits courses that the learner has left. Reads one index range.
 */
export function changesStages(userId: string, after: ChangePosition | null, limit: number): Document[] {
  return [
    {
      $unionWith: {
        coll: COLLECTIONS.progress.name,
        pipeline: [
          { $match: changedAfter(userId, after) },
          { $sort: { userId: 1, updatedAt: 1, courseId: 1 } },
          { $limit: limit },
          {
            $lookup: {
              from: COLLECTIONS.courses.name,
              localField: 'courseId',
              foreignField: '_id',
              pipeline: [{ $match: { published: { $ne: null } } }, { $project: { _id: 0, ...outlineProjection } }],
              as: 'course',
            },
          },
          { $unset: [...UNREAD_FIELDS] },
          { $project: { _id: 0, course: 1, progress: '$$ROOT' } },
          { $unset: 'progress.course' },
        ],
      },
    },
  ];
}

function changedAfter(userId: string, after: ChangePosition | null): Filter<ProgressDocument> {
  if (after === null) return { userId, joinedAt: { $ne: null } };
  const { updatedAt, courseId } = after;
  return {
    userId,
    // Bounds the index range, which the $or alone would not.
    updatedAt: { $gte: updatedAt },
    $or: [{ updatedAt: { $gt: updatedAt } }, { courseId: { $gt: courseId } }],
  };
}
