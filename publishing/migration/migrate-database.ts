import type { Db } from 'mongodb';
import { COLLECTIONS, collection } from '../../shared/db/collections.ts';
import { type Migration, migrate } from '../../shared/db/migrate.ts';
import { liftCourse, OUTDATED } from './lift-course.ts';
import { TRANSACTION } from './transaction.ts';

/** What a migration of indexes and documents did. */
export interface DatabaseMigration extends Migration {
  /** The ids of the courses whose documents had an earlier version. */
  readonly lifted: readonly string[];
}

/**
 * Creates missing collections and indexes, and lifts published documents to the current version, one course at a time.
 * Safe to repeat, to interrupt, and to run while older functions and publishers run.
 * @throws MongoServerError as {@link migrate} does.
 */
export async function migrateDatabase(db: Db): Promise<DatabaseMigration> {
  const migration = await migrate(db);
  const outdated = new Set([
    ...(await collection(db, COLLECTIONS.courses).distinct('_id', OUTDATED)),
    ...(await collection(db, COLLECTIONS.lessons).distinct('courseId', OUTDATED)),
  ]);
  const lifted: string[] = [];
  for (const courseId of outdated) {
    const isLifted = await db.client.withSession((session) =>
      session.withTransaction(() => liftCourse(db, session, courseId), TRANSACTION),
    );
    if (isLifted) lifted.push(courseId);
  }
  return { ...migration, lifted };
}
