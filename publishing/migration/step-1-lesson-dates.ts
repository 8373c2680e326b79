import type { ClientSession, Db } from 'mongodb';
import { COLLECTIONS, collection, type RevisionDocument } from '../../shared/db/collections.ts';
import { dateLessons, type LessonDates } from '../course/lesson-dates.ts';

/**
 * Stores the dates of a course's lessons, which were a second apart in feeds, and forgotten when a lesson was removed.
 * The revisions tell which lessons were new when.
 */
export async function storeLessonDates(db: Db, session: ClientSession, courseId: string): Promise<void> {
  const courses = collection(db, COLLECTIONS.courses);
  const course = await courses.findOne({ _id: courseId }, { session, projection: { lessonDates: 1 } });
  const revisions = collection(db, COLLECTIONS.revisions).find<Outline>(
    { courseId },
    { session, sort: { revision: 1 }, projection: { publishedAt: 1, 'course.modules.lessons.id': 1 } },
  );
  let dates: LessonDates = new Map(Object.entries(course?.lessonDates ?? {}));
  for await (const { course: outline, publishedAt } of revisions) {
    const ids = outline.modules.flatMap(({ lessons }) => lessons.map(({ id }) => id));
    dates = dateLessons(ids, dates, publishedAt);
  }

  await courses.updateOne({ _id: courseId }, { $set: { lessonDates: Object.fromEntries(dates) } }, { session });
  const changes = [...dates].map(([id, firstPublishedAt]) => ({
    updateOne: { filter: { _id: `${courseId}/${id}` }, update: { $set: { firstPublishedAt } } },
  }));
  if (changes.length > 0) await collection(db, COLLECTIONS.lessons).bulkWrite(changes, { session });
}

/** The part of a revision that is read. */
interface Outline extends Pick<RevisionDocument, 'publishedAt'> {
  readonly course: { readonly modules: readonly { readonly lessons: readonly { readonly id: string }[] }[] };
}
