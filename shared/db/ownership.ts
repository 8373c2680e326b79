import type { ClientSession, Document } from 'mongodb';
import { COLLECTIONS, type CollectionDeclaration, type OwnedCollection } from './collections.ts';
import type { Database } from './database.ts';
import { unscopedCollection } from './unscoped.ts';

/** Everything stored about one user, by collection, without secret fields. */
export type OwnedDocuments = Record<string, Document[]>;

const OWNED: readonly OwnedCollection<Document>[] = Object.values<CollectionDeclaration<Document>>(COLLECTIONS).flatMap(
  (declaration) => (declaration.owner === null ? [] : [{ ...declaration, owner: declaration.owner }]),
);

/**
 * Finds everything stored about a user: every collection that declares an owner, even if the user has no documents in
 * it.
 */
export async function findOwned(db: Database, userId: string): Promise<OwnedDocuments> {
  const found = OWNED.map(async (declaration) => {
    const { name, owner, secretFields = [] } = declaration;
    const projection = Object.fromEntries(secretFields.map((field) => [field, 0]));
    const documents = await unscopedCollection(db, declaration)
      .find({ [owner]: userId }, { projection, sort: { _id: 1 } })
      .toArray();
    return [name, documents] as const;
  });
  return Object.fromEntries(await Promise.all(found));
}

/**
 * Removes everything stored about a user, within the transaction of a session. The account goes first, since `users` is
 * the first collection that declares an owner: a request that adds a document at the same moment and then touches the
 * account either conflicts with this transaction or finds no account.
 */
export async function eraseOwned(db: Database, session: ClientSession, userId: string): Promise<void> {
  // In sequence: a transaction cannot run commands in parallel.
  for (const declaration of OWNED) {
    await unscopedCollection(db, declaration).deleteMany({ [declaration.owner]: userId }, { session });
  }
}
