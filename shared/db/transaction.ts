import type { ClientSession } from 'mongodb';
import { query } from './client.ts';
import { type Database, rawDatabase } from './database.ts';

/**
 * Runs several writes in one transaction. The driver repeats `work` after a conflict with another writer, so `work`
 * must be safe to repeat, and must pass the session to every command.
 * @throws Problem `unavailable` as {@link query} does; then it may be written or not. Whatever `work` throws; then
 * nothing is written.
 */
export function transaction<T>(work: (db: Database, session: ClientSession) => Promise<T>): Promise<T> {
  return query((db) =>
    rawDatabase(db).client.withSession((session) => session.withTransaction(() => work(db, session))),
  );
}
