import type { Document } from 'mongodb';
import type { Caller } from '../../../shared/auth/caller.ts';
import { query } from '../../../shared/db/client.ts';
import {
  COLLECTIONS,
  type LessonRegisters,
  ownedCollection,
  type ProgressDocument,
} from '../../../shared/db/collections.ts';
import type { Outline } from '../learner/outline-repository.ts';

/** Changes to a learner's progress in one course. */
export interface CourseRecord {
  readonly courseId: string;
  readonly outline: Outline;
  /** When the oldest of the events happened. The learner joins then, unless they joined before. */
  readonly joinedAt: Date;
  /** The merged effects of the events, by lesson. */
  readonly lessons: ReadonlyMap<string, LessonRegisters>;
  /** The newest event. Null if there are none. */
  readonly lastEvent: ProgressDocument['lastEvent'];
  /** Digests of the events. */
  readonly digests: readonly string[];
  readonly receivedAt: Date;
}

/** How many events a course remembers: as many as the largest batch has, so that a repeated batch is recognised whole. */
const REMEMBERED_EVENTS = 500;

/** The database gives up a write that takes longer. The cursor of changes relies on it (changes/changes-cursor.ts). */
const WRITE_DEADLINE_MS = 3000;

/**
 * Merges the record into the stored progress in one atomic update and returns the result. Concurrent writers lose nothing:
 * the database merges. If the learner left the course after the oldest of the events, nothing is written
 * ({@link isOutdated}), because the events were checked against what was read before that.
 */
export async function mergeRecord(
  caller: Caller,
  record: CourseRecord,
): Promise<{ readonly document: ProgressDocument; readonly isFirst: boolean }> {
  const { userId } = caller;
  const filter = { _id: idOf(caller, record.courseId) };
  const { value, lastErrorObject } = await query((db) =>
    ownedCollection(db, COLLECTIONS.progress, caller).findOneAndUpdate(filter, mergeStages(userId, record), {
      upsert: true,
      returnDocument: 'after',
      projection: { recentEvents: 0 },
      includeResultMetadata: true,
      maxTimeMS: WRITE_DEADLINE_MS,
    }),
  );
  if (value === null) throw new Error('An upsert returned no document');
  return { document: { ...value, recentEvents: [] }, isFirst: lastErrorObject?.['upserted'] !== undefined };
}

/** Whether a record was not written, because the learner left the course after some of its events. */
export function isOutdated({ joinedAt, lastEvent }: CourseRecord, { leftAt }: ProgressDocument): boolean {
  return lastEvent !== null && leftAt !== null && leftAt >= joinedAt;
}

/**
 * Erases a learner's progress in a course and records that they left. Does nothing if they have not joined it. They count as
 * having left when the newest erased event happened, if that is later than the request: everything erased is from before.
 */
export async function eraseProgress(caller: Caller, courseId: string, requestedAt: Date): Promise<void> {
  const erased: Partial<ProgressDocument> = {
    joinedAt: null,
    lastEvent: null,
    lessons: {},
    completion: null,
    resumable: false,
  };
  await query((db) =>
    ownedCollection(db, COLLECTIONS.progress, caller).updateOne(
      { _id: idOf(caller, courseId), joinedAt: { $ne: null } },
      [
        { $set: { updatedAt: '$$NOW', leftAt: { $max: ['$leftAt', requestedAt, '$lastEvent.at'] } } },
        { $replaceWith: { $mergeObjects: ['$$ROOT', { $literal: erased }] } },
        { $set: { activeAt: '$leftAt' } },
      ],
      { maxTimeMS: WRITE_DEADLINE_MS },
    ),
  );
}

/** Removes all progress of an account. */
export async function removeProgress(caller: Caller): Promise<void> {
  const { userId } = caller;
  await query((db) => ownedCollection(db, COLLECTIONS.progress, caller).deleteMany({ userId }));
}

function idOf({ userId }: Caller, courseId: string): string {
  return `${userId}/${courseId}`;
}

/**
 * The update of one document. `$max` and `$min` compare documents field by field, which is the order of the registers
 * (merge.ts), and ignore null and missing values.
 */
function mergeStages(userId: string, record: CourseRecord): Document[] {
  const { outline, joinedAt, lessons, lastEvent, digests } = record;
  const merged = Object.fromEntries(
    [...lessons].map(([lessonId, registers]) => [lessonId, mergedLesson(`$lessons.${lessonId}`, registers)]),
  );
  const allCompleted = allCompletedOf(outline);
  return [
    { $set: { before: '$$ROOT' } },
    { $replaceWith: { $mergeObjects: [{ $literal: newDocument(userId, record) }, '$$ROOT'] } },
    {
      $set: {
        joinedAt: { $ifNull: ['$joinedAt', joinedAt] },
        lessons: { $mergeObjects: ['$lessons', merged] },
        lastEvent: { $max: ['$lastEvent', { $literal: lastEvent }] },
        recentEvents: { $slice: [{ $concatArrays: ['$recentEvents', [...digests]] }, -REMEMBERED_EVENTS] },
      },
    },
    {
      $set: {
        activeAt: { $max: ['$activeAt', '$joinedAt', '$lastEvent.at'] },
        completion: courseCompletion(outline, allCompleted),
        resumable: { $not: [allCompleted] },
      },
    },
    { $set: { updatedAt: { $cond: [{ $eq: [visibleOf('$before'), visibleOf('$$ROOT')] }, '$updatedAt', '$$NOW'] } } },
    ...(lastEvent === null
      ? []
      : [{ $replaceWith: { $cond: [{ $gte: ['$leftAt', joinedAt] }, '$before', '$$ROOT'] } }]),
    { $unset: 'before' },
  ];
}

function newDocument(userId: string, { courseId, joinedAt, receivedAt }: CourseRecord): Omit<ProgressDocument, '_id'> {
  return {
    userId,
    courseId,
    joinedAt: null,
    leftAt: null,
    updatedAt: receivedAt,
    activeAt: joinedAt,
    lastEvent: null,
    lessons: {},
    completion: null,
    resumable: true,
    recentEvents: [],
  };
}

function mergedLesson(known: string, { position, furthest, completion, firstCompletion }: LessonRegisters): Document {
  return {
    position: { $max: [`${known}.position`, { $literal: position }] },
    furthest: { $max: [`${known}.furthest`, { $literal: furthest }] },
    completion: { $max: [`${known}.completion`, { $literal: completion }] },
    firstCompletion: { $min: [`${known}.firstCompletion`, { $literal: firstCompletion }] },
  };
}

function allCompletedOf({ lessons }: Outline): Document | boolean {
  // A course without lessons is never complete.
  return (
    lessons.length > 0 && { $and: lessons.map(({ id }) => ({ $eq: [`$lessons.${id}.completion.completed`, true] })) }
  );
}

/**
 * When, and in which revision, the course was completed: the time when the last of its lessons was first completed, so that
 * the order of events does not matter. Lessons that are added later do not undo it. A lesson that the learner marks as not
 * done does, for as long as it is.
 */
function courseCompletion({ revision, lessons }: Outline, allCompleted: Document | boolean): Document {
  const lastOfFirst = { $max: lessons.map(({ id }) => `$lessons.${id}.firstCompletion.at`) };
  const takenBack = {
    $and: [
      { $eq: ['$$lesson.v.completion.completed', false] },
      // Only lessons that were part of it, not those added and completed since.
      { $gt: ['$$lesson.v.firstCompletion', null] },
      { $lte: ['$$lesson.v.firstCompletion.at', '$completion.at'] },
    ],
  };
  const isTakenBack = {
    $anyElementTrue: { $map: { input: { $objectToArray: '$lessons' }, as: 'lesson', in: takenBack } },
  };
  return {
    $cond: [
      allCompleted,
      { at: { $min: ['$completion.at', lastOfFirst] }, revision: { $ifNull: ['$completion.revision', revision] } },
      { $cond: [isTakenBack, null, '$completion'] },
    ],
  };
}

/** The fields that a learner sees. If none of them changes, other devices have nothing to learn. */
function visibleOf(document: string): readonly string[] {
  return [`${document}.joinedAt`, `${document}.lessons`, `${document}.completion`];
}
