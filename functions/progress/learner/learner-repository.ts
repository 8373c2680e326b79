import type { Document } from 'mongodb';
import type { Grant } from '../../../shared/access/can-read.ts';
import { COLLECTIONS, type CourseDocument, type ProgressDocument } from '../../../shared/db/collections.ts';
import { type Outline, outlineProjection, type ProjectedOutline } from './outline-repository.ts';
import { playedOf } from './played-events-repository.ts';

/** Fields of progress that only writing and other lists need. Reads must leave them in the database: they grow large. */
export const UNREAD_FIELDS = ['recentEvents', 'playedEvents', 'playedMsByDay'] as const;

/** What checking events needs of a published course. */
export interface LearnableCourse {
  readonly id: string;
  readonly access: CourseDocument['access'];
  readonly outline: Outline;
  readonly everPublishedLessonIds: readonly string[];
}

/** What the stages of {@link learnerStages} add: each row has one of the fields. */
export interface LearnerRow {
  readonly course?: ProjectedOutline & Omit<LearnableCourse, 'outline'>;
  readonly grant?: Grant & { readonly courseId: string };
  readonly progress?: ProgressDocument;
}

/**
 * Stages for `requireCaller` that add rows for the courses that a request names, and for the learner's grants and progress
 * in them. Every document is found by `_id`. A union rather than lookups, so that many large courses need not fit into one
 * document.
 * @param digests of the events in the request; `recentEvents` is reduced to those of them that are known
 */
export function learnerStages(userId: string, courseIds: readonly string[], digests: readonly string[]): Document[] {
  const idsOf = (idOf: (courseId: string) => string) => ({ $in: courseIds.map(idOf) });
  return [
    unionWith(COLLECTIONS.courses.name, { _id: idsOf((id) => id), published: { $ne: null } }, 'course', {
      id: '$_id',
      access: '$access',
      everPublishedLessonIds: '$everPublishedLessonIds',
      ...outlineProjection,
    }),
    unionWith(COLLECTIONS.grants.name, { _id: idsOf((id) => `${id}/${userId}`) }, 'grant', {
      courseId: '$courseId',
      expiresAt: '$expiresAt',
    }),
    unionWith(COLLECTIONS.progress.name, { _id: idsOf((id) => `${userId}/${id}`) }, 'progress', {
      $mergeObjects: ['$$ROOT', { recentEvents: knownOf(digests), playedEvents: {}, playedMsByDay: {} }],
    }),
  ];
}

/** Those of the digests that the course remembers: the recent ones, and however old, those whose playing time was counted. */
function knownOf(digests: readonly string[]): Document {
  return { $setUnion: [{ $setIntersection: ['$recentEvents', [...digests]] }, playedOf(digests)] };
}

/** Adds the documents of another collection that match, each as a row with one field. */
function unionWith(coll: string, filter: Document, as: keyof LearnerRow, value: Document): Document {
  return { $unionWith: { coll, pipeline: [{ $match: filter }, { $project: { _id: 0, [as]: value } }] } };
}
