import { query } from '../../shared/db/client.ts';
import { COLLECTIONS, collection, type LessonDocument } from '../../shared/db/collections.ts';

/** The text of a lesson as readers see it, its files still named by reference. */
export type PublishedLesson = LessonDocument['lesson'];

/** The lesson, or null. One round trip, by `_id`. */
export function findPublishedLesson(courseId: string, lessonId: string): Promise<PublishedLesson | null> {
  return findLessonWhere({ _id: `${courseId}/${lessonId}` });
}

/** The lesson, if anyone may read it, or null. One round trip, by `_id`. */
export function findOpenLesson(courseId: string, lessonId: string): Promise<PublishedLesson | null> {
  return findLessonWhere({ _id: `${courseId}/${lessonId}`, open: true });
}

async function findLessonWhere(filter: {
  readonly _id: string;
  readonly open?: true;
}): Promise<PublishedLesson | null> {
  const found = await query((db) => collection(db, COLLECTIONS.lessons).findOne(filter, { projection: { lesson: 1 } }));
  return found?.lesson ?? null;
}
