import { query } from '../../shared/db/client.ts';
import { COLLECTIONS, collection, type LessonDocument } from '../../shared/db/collections.ts';

/** The lesson, if anyone may read it, or null. One round trip, by `_id`. */
export async function findOpenLesson(courseId: string, lessonId: string): Promise<LessonDocument['lesson'] | null> {
  const found = await query((db) =>
    collection(db, COLLECTIONS.lessons).findOne(
      { _id: `${courseId}/${lessonId}`, open: true },
      { projection: { lesson: 1 } },
    ),
  );
  return found?.lesson ?? null;
}
