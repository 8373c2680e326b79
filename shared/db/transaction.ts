import type { ClientSession, Db } from 'mongodb';
import { query } from './client.ts';

/**
 * Does several writes as one, or none of them. They are tried again when another writer was faster, so `work` must do
 * nothing that cannot be repeated, and pass the session to every command.
 * @throws Problem `unavailable` as {@link query} does; whatever `work` throws, and then nothing is written.
 */
export function transaction<T>(work: (db: Db, session: ClientSession) => Promise<T>): Promise<T> {
  return query((db) => db.client.withSession((session) => session.withTransaction(() => work(db, session))));
}
