import type { Collection, Db, Document } from 'mongodb';
import type { OwnedCollection } from './collections.ts';
import { type Database, rawDatabase } from './database.ts';

/**
 * Opens a collection of personal data without a caller: for signing in, where nobody is known yet, for podcast feeds,
 * whose address is the credential, and for tools and tests. Other functions use `ownedCollection`; the linter keeps
 * them to it.
 */
export function unscopedCollection<T extends Document>(
  db: Db | Database,
  declaration: OwnedCollection<T>,
): Collection<T> {
  return rawDatabase(db).collection<T>(declaration.name);
}
