import type { Caller } from '../../../shared/auth/caller.ts';
import { query } from '../../../shared/db/client.ts';
import { COLLECTIONS, ownedCollection, type ProgressDocument } from '../../../shared/db/collections.ts';
import { UNREAD_FIELDS } from '../learner/learner-repository.ts';
import { type CourseRecord, mergeStages } from './merge-stages-repository.ts';

/** The database gives up a write that takes longer. The cursor of changes relies on it (changes/changes-cursor.ts). */
const WRITE_DEADLINE_MS = 3000;

/**
 * Merges the record into the stored progress in one atomic update and returns the result. Concurrent writers lose
 * nothing: the database merges. If the learner left the course after the oldest of the events, nothing is written
 * ({@link isOutdated}), because the events were checked against what was read before that.
 */
export async function mergeRecord(
  caller: Caller,
  record: CourseRecord,
): Promise<{ readonly document: ProgressDocument; readonly isFirst: boolean }> {
  const { userId } = caller;
  const filter = keyOf(caller, record.courseId);
  const { value, lastErrorObject } = await query((db) =>
    ownedCollection(db, COLLECTIONS.progress, caller).findOneAndUpdate(filter, mergeStages(userId, record), {
      upsert: true,
      returnDocument: 'after',
      projection: Object.fromEntries(UNREAD_FIELDS.map((field) => [field, 0])),
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
 * Erases a learner's progress in a course and records that they left. Does nothing if they have not joined it. The
 * time of leaving is never before the newest erased event, so that no erased event is newer.
 */
export async function eraseProgress(caller: Caller, courseId: string, requestedAt: Date): Promise<void> {
  const erased: Partial<ProgressDocument> = {
    joinedAt: null,
    lastEvent: null,
    lessons: {},
    playedMsByDay: {},
    completion: null,
    resumable: false,
  };
  await query((db) =>
    ownedCollection(db, COLLECTIONS.progress, caller).updateOne(
      { ...keyOf(caller, courseId), joinedAt: { $ne: null } },
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

/** Names the document, and the shard that it is on if progress is sharded by learner (docs/scale.md). */
function keyOf({ userId }: Caller, courseId: string) {
  return { _id: `${userId}/${courseId}`, userId };
}
