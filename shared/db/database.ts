import type { Db } from 'mongodb';

declare const opaque: unique symbol;

/**
 * A database whose collections only `collection` and `ownedCollection` open (collections.ts), so that each one is
 * declared: migration, and the export and erasure of accounts, follow from the declarations.
 */
export interface Database {
  readonly [opaque]: true;
}

/** Hides the driver's database. */
export function asDatabase(db: Db): Database {
  return db as unknown as Database;
}

/** Returns the driver's database. Only shared/db needs it. */
export function rawDatabase(db: Db | Database): Db {
  return db as unknown as Db;
}
