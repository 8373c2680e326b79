import type { Document } from 'mongodb';
import type { CourseAccessHistory, GrantHistory } from '../../../shared/access/past-access.ts';
import { COLLECTIONS, type CourseDocument, type ProgressDocument } from '../../../shared/db/collections.ts';
import { type Outline, outlineProjectionOf, type ProjectedOutline } from './outline-repository.ts';
import { playedOf } from './played-events-repository.ts';

/**
 * Fields of progress that only writes and the list of days need. Other reads must leave them in the database, because
 * they grow large.
 */
export const UNREAD_FIELDS = ['recentEvents', 'playedEvents', 'playedMsByDay'] as const;

/** The part of a published or withdrawn course that events are checked against. */
export type LearnableCourse = CourseAccessHistory & {
  readonly id: string;
  /** Of a withdrawn course, the last one that readers saw. */
  readonly outline: Outline;
  readonly everPublishedLessonIds: readonly string[];
  /** The duration of the longest recording that each lesson has had, in seconds. A device may still play it. */
  readonly longestRecordings: ReadonlyMap<string, number>;
};

/** What the stages of {@link learnerStages} add: each row has one of the fields. */
export interface LearnerRow {
  readonly course?: ProjectedOutline &
    Omit<LearnableCourse, 'outline' | 'longestRecordings'> &
    Pick<CourseDocument, 'longestRecordings'>;
  readonly grant?: GrantHistory & { readonly courseId: string };
  readonly progress?: ProgressDocument;
}

/**
 * Stages for `requireCaller` that add rows for the courses that a request names, and for the learner's grants and
 * progress in them. Every document is found by `_id`. A union rather than lookups, so that many large courses need not
 * fit into one document.
 * @param digests of the events in the request; `recentEvents` is reduced to those of them that are known
 */
export function learnerStages(userId: string, courseIds: readonly string[], digests: readonly string[]): Document[] {
  const idsOf = (idOf: (courseId: string) => string) => ({ $in: courseIds.map(idOf) });
  return [
    unionWith(COLLECTIONS.courses.name, [{ $match: { _id: idsOf((id) => id) } }, ...LATEST_CONTENT], 'course', {
      id: '$_id',
      access: { $cond: [{ $gt: ['$published', null] }, '$access', null] },
      earlierAccess: '$earlierAccess',
      everPublishedLessonIds: '$everPublishedLessonIds',
      longestRecordings: '$longestRecordings',
      ...outlineProjectionOf('$content'),
    }),
    unionWith(COLLECTIONS.grants.name, [{ $match: { _id: idsOf((id) => `${id}/${userId}`) } }], 'grant', {
      courseId: '$courseId',
      createdAt: '$createdAt',
      expiresAt: '$expiresAt',
      earlier: '$earlier',
    }),
    unionWith(COLLECTIONS.progress.name, [{ $match: { _id: idsOf((id) => `${userId}/${id}`), userId } }], 'progress', {
      $mergeObjects: ['$$ROOT', { recentEvents: knownOf(digests), playedEvents: {}, playedMsByDay: {} }],
    }),
  ];
}

/** The digests that the course remembers: recent ones, and those of any age whose playing time was counted. */
function knownOf(digests: readonly string[]): Document {
  return { $setUnion: [{ $setIntersection: ['$recentEvents', [...digests]] }, playedOf(digests)] };
}

/** Stages that set `content` to the published course, or to the last one before it was withdrawn, and omit others. */
const LATEST_CONTENT: readonly Document[] = [
  { $set: { content: { $ifNull: ['$published', '$withdrawn'] } } },
  { $match: { content: { $ne: null } } },
];

/** Adds what the stages find in another collection, each as a row with one field. */
function unionWith(coll: string, stages: readonly Document[], as: keyof LearnerRow, value: Document): Document {
  return { $unionWith: { coll, pipeline: [...stages, { $project: { _id: 0, [as]: value } }] } };
}
