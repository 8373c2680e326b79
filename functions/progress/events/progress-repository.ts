import type { Document } from 'mongodb';
import { query } from '../../../shared/db/client.ts';
import {
  COLLECTIONS,
  collection,
  type LessonRegisters,
  type ProgressDocument,
} from '../../../shared/db/collections.ts';
import type { Outline } from '../learner/learner-repository.ts';

/** What is to be added to a learner's progress in one course. */
export interface CourseRecord {
  readonly userId: string;
  readonly courseId: string;
  readonly outline: Outline;
  /** When the oldest of the events happened: since then the learner has joined, unless they had before. */
  readonly joinedAt: Date;
  /** What the events say, folded, by lesson. */
  readonly lessons: ReadonlyMap<string, LessonRegisters>;
  /** The newest of the events; null where there are none. */
  readonly lastEvent: ProgressDocument['lastEvent'];
  /** What the events are remembered by. */
  readonly digests: readonly string[];
  readonly receivedAt: Date;
}

/** How many events a course remembers: as many as the largest batch has, so that one that is sent again is known whole. */
const REMEMBERED_EVENTS = 500;

/** A write that takes longer is given up by the database itself: the feed of changes relies on it. */
const WRITE_DEADLINE_MS = 3000;

/**
 * Adds to a course's progress what is new, and answers what it then is. One atomic write, whoever else writes: the
 * database merges. Nothing is added when the learner has left the course since the oldest of the events
 * ({@link isOutdated}): what the events were judged by was read before that.
 */
export async function recordProgress(
  record: CourseRecord,
): Promise<{ readonly document: ProgressDocument; readonly isFirst: boolean }> {
  const { value, lastErrorObject } = await query((db) =>
    collection(db, COLLECTIONS.progress).findOneAndUpdate({ _id: idOf(record) }, recording(record), {
      upsert: true,
      returnDocument: 'after',
      projection: { recentEvents: 0 },
      includeResultMetadata: true,
      maxTimeMS: WRITE_DEADLINE_MS,
    }),
  );
  if (value === null) throw new Error('An upsert answered no document');
  return { document: { ...value, recentEvents: [] }, isFirst: lastErrorObject?.['upserted'] !== undefined };
}

/** Whether a record was not written since the learner had left the course, at a time some of its events are older than. */
export function isOutdated({ joinedAt, lastEvent }: CourseRecord, { leftAt }: ProgressDocument): boolean {
  return lastEvent !== null && leftAt !== null && leftAt >= joinedAt;
}

/**
 * Erases a learner's progress in a course, but not that they left; nothing where they have not joined it. It counts as left
 * when the newest of what is erased happened, if that is later than it was asked for: what is gone is from before.
 */
export async function eraseProgress(course: Pick<CourseRecord, 'userId' | 'courseId'>, askedAt: Date): Promise<void> {
  const nothing: Partial<ProgressDocument> = {
    joinedAt: null,
    lastEvent: null,
    lessons: {},
    completion: null,
    resumable: false,
  };
  await query((db) =>
    collection(db, COLLECTIONS.progress).updateOne(
      { _id: idOf(course), joinedAt: { $ne: null } },
      [
        { $set: { updatedAt: '$$NOW', leftAt: { $max: ['$leftAt', askedAt, '$lastEvent.at'] } } },
        { $replaceWith: { $mergeObjects: ['$$ROOT', { $literal: nothing }] } },
        { $set: { activeAt: '$leftAt' } },
      ],
      { maxTimeMS: WRITE_DEADLINE_MS },
    ),
  );
}

/** Removes all that is held of an account's progress. */
export async function removeProgress(userId: string): Promise<void> {
  await query((db) => collection(db, COLLECTIONS.progress).deleteMany({ userId }));
}

function idOf({ userId, courseId }: Pick<CourseRecord, 'userId' | 'courseId'>): string {
  return `${userId}/${courseId}`;
}

/**
 * The update of one document. `$max` and `$min` order documents field by field, which is the order of the registers
 * (merge.ts), and pass over null and what is missing.
 */
function recording(record: CourseRecord): Document[] {
  const { outline, joinedAt, lessons, lastEvent, digests } = record;
  const merged = Object.fromEntries(
    [...lessons].map(([lessonId, registers]) => [lessonId, mergedLesson(`$lessons.${lessonId}`, registers)]),
  );
  const allCompleted = allCompletedOf(outline);
  return [
    { $set: { before: '$$ROOT' } },
    { $replaceWith: { $mergeObjects: [{ $literal: newDocument(record) }, '$$ROOT'] } },
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

function newDocument({ userId, courseId, joinedAt, receivedAt }: CourseRecord): Omit<ProgressDocument, '_id'> {
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
  // Nothing is complete by having nothing in it.
  return (
    lessons.length > 0 && { $and: lessons.map(({ id }) => ({ $eq: [`$lessons.${id}.completion.completed`, true] })) }
  );
}

/**
 * When and in which revision the course was completed. It is when the last of its lessons was completed for the first
 * time, so the same events say the same in any order. Lessons that are added later take nothing away; a lesson of it
 * that the learner takes back does, for as long as it is.
 */
function courseCompletion({ revision, lessons }: Outline, allCompleted: Document | boolean): Document {
  const lastOfFirst = { $max: lessons.map(({ id }) => `$lessons.${id}.firstCompletion.at`) };
  const takenBack = {
    $and: [
      { $eq: ['$$lesson.v.completion.completed', false] },
      // Only what was part of it, and not what was added and done since.
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

/** What a learner sees of a document: when none of it changes, there is nothing to tell their other devices. */
function visibleOf(document: string): readonly string[] {
  return [`${document}.joinedAt`, `${document}.lessons`, `${document}.completion`];
}
