import type { Document, Filter } from 'mongodb';
import type { Grant } from '../../../shared/access/can-read.ts';
import { COLLECTIONS, type CourseDocument, type ProgressDocument } from '../../../shared/db/collections.ts';
import { UNREAD_FIELDS } from '../learner/learner-repository.ts';
import { outlineProjection, type ProjectedOutline } from '../learner/outline-repository.ts';

type CourseToContinue = ProjectedOutline & Pick<CourseDocument, 'access'> & { title: string; image: string | null };

/** A row of {@link startedCoursesStages}. `course` is empty while it is not published, `grant` without one. */
export interface StartedCourseRow {
  readonly progress: ProgressDocument;
  readonly course: readonly CourseToContinue[];
  readonly grant: readonly Grant[];
}

/** The position of a course in the order in which courses to continue are listed. */
export interface ActivityPosition {
  readonly activeAt: Date;
  readonly courseId: string;
}

/**
 * Stages for `requireCaller` that add a row for each course that the learner has started and can resume, most recent
 * activity first. Reads one index range.
 */
export function startedCoursesStages(userId: string, after: ActivityPosition | null, limit: number): Document[] {
  return [
    {
      $unionWith: {
        coll: COLLECTIONS.progress.name,
        pipeline: [
          { $match: startedBefore(userId, after) },
          { $sort: { userId: 1, resumable: 1, activeAt: -1, courseId: 1 } },
          { $limit: limit },
          { $project: { _id: 0, progress: '$$ROOT' } },
          { $unset: UNREAD_FIELDS.map((field) => `progress.${field}`) },
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
                    ...outlineProjection,
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
  ];
}

function startedBefore(userId: string, after: ActivityPosition | null): Filter<ProgressDocument> {
  const started = { userId, resumable: true };
  if (after === null) return started;
  const { activeAt, courseId } = after;
  return {
    ...started,
    // Bounds the index range, which the $or alone would not.
    activeAt: { $lte: activeAt },
    $or: [{ activeAt: { $lt: activeAt } }, { courseId: { $gt: courseId } }],
  };
}
