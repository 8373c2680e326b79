import type { ClientSession, Db } from 'mongodb';
import { COLLECTIONS, collection } from '../../shared/db/collections.ts';
import { storeLessonDates } from './step-1-lesson-dates.ts';
import { storeHeadings } from './step-2-headings.ts';

/**
 * Lifts the documents of one course to the next version. Only adds fields or changes values, so that older functions
 * can still read the documents. Changes nothing when it runs again.
 */
type Step = (db: Db, session: ClientSession, courseId: string) => Promise<void>;

/** The first step lifts documents without a version to version 1, the second step those to version 2, and so on. */
const STEPS: readonly Step[] = [storeLessonDates, storeHeadings];

/** The version of the documents that publishing writes. */
export const PUBLISHED_VERSION = STEPS.length;

/** Matches documents of earlier versions, and those without a version. */
export const OUTDATED = { version: { $not: { $gte: PUBLISHED_VERSION } } } as const;

/**
 * Lifts a course and its lessons to the current version. Returns whether any of them had an earlier one.
 * @param session of a transaction, so that readers and other publishers see all of it or nothing
 */
export async function liftCourse(db: Db, session: ClientSession, courseId: string): Promise<boolean> {
  const courses = collection(db, COLLECTIONS.courses);
  const lessons = collection(db, COLLECTIONS.lessons);
  const projection = { version: 1 };
  const outdated = [
    await courses.findOne({ _id: courseId, ...OUTDATED }, { session, projection }),
    await lessons.findOne({ courseId, ...OUTDATED }, { session, projection, sort: { version: 1 } }),
  ].filter((document) => document !== null);
  if (outdated.length === 0) return false;

  const version = Math.min(...outdated.map((document) => document.version ?? 0));
  for (const step of STEPS.slice(version)) await step(db, session, courseId);
  const current = { $set: { version: PUBLISHED_VERSION } };
  await courses.updateOne({ _id: courseId }, current, { session });
  await lessons.updateMany({ courseId }, current, { session });
  return true;
}
