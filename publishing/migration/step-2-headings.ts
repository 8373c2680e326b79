import type { ClientSession, Db } from 'mongodb';
import { COLLECTIONS, collection } from '../../shared/db/collections.ts';

/** Stores that lessons without headings have none: in their HTML, no heading has an id that a link could lead to. */
export async function storeHeadings(db: Db, session: ClientSession, courseId: string): Promise<void> {
  const without = { courseId, 'lesson.headings': { $exists: false } };
  await collection(db, COLLECTIONS.lessons).updateMany(without, { $set: { 'lesson.headings': [] } }, { session });
}
