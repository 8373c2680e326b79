import { query } from '../../shared/db/client.ts';
import { COLLECTIONS, collection, type LessonDocument } from '../../shared/db/collections.ts';

/** The text of a lesson as readers see it, except that files are still references. */
export type PublishedLesson = LessonDocument['lesson'];

/** Finds a published lesson. Null if there is none. One round trip, by `_id`. */
export function findPublishedLesson(courseId: string, lessonId: string): Promise<PublishedLesson | null> {
  return findLessonWhere({ _id: `${courseId}/${lessonId}` });
}

/** Finds a published lesson that anyone may read. Null if there is none. One round trip, by `_id`. */
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
