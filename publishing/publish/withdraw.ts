import type { ClientSession, Db } from 'mongodb';
import { COLLECTIONS, collection } from '../../shared/db/collections.ts';
import { problem } from '../../shared/http/problem.ts';
import { TRANSACTION } from '../migration/transaction.ts';
import { earlierAccessUpdate } from './earlier-access.ts';

/** Result of a withdrawal. `unchanged` means that the course was not published. */
export type Withdrawal = 'withdrawn' | 'unchanged';

/**
 * Withdraws a course from readers. Its revisions, files and learners' progress stay, and publishing it again brings it
 * back.
 * @throws Problem `not-found` if no such course was ever published.
 */
export async function withdrawCourse(
  db: Db,
  courseId: string,
  { now = () => new Date() }: { readonly now?: () => Date } = {},
): Promise<Withdrawal> {
  return db.client.withSession((session) =>
    session.withTransaction(() => removePublished(db, session, courseId, now()), TRANSACTION),
  );
}

async function removePublished(db: Db, session: ClientSession, courseId: string, now: Date): Promise<Withdrawal> {
  const courses = collection(db, COLLECTIONS.courses);
  const course = await courses.findOne(
    { _id: courseId },
    { session, projection: { access: 1, lastRevision: 1, published: 1 } },
  );
  if (!course?.lastRevision) throw problem('not-found', { detail: `No course ${courseId} was ever published.` });
  if (!course.published) return 'unchanged';

  const update = { $set: { published: null, withdrawn: course.published }, $unset: { catalog: true } } as const;
  await courses.updateOne({ _id: courseId }, { ...update, ...earlierAccessUpdate(course, null, now) }, { session });
  await collection(db, COLLECTIONS.lessons).deleteMany({ courseId }, { session });
  return 'withdrawn';
}
