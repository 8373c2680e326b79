import type { ClientSession, Db, Document } from 'mongodb';
import { COLLECTIONS, type CollectionDeclaration, collection } from './collections.ts';

/** What is held about one user, by collection, without what is secret. */
export type OwnedDocuments = Record<string, Document[]>;

const OWNED: readonly (CollectionDeclaration<Document> & { readonly owner: string })[] = Object.values<
  CollectionDeclaration<Document>
>(COLLECTIONS).flatMap((declaration) =>
  declaration.owner === null ? [] : [{ ...declaration, owner: declaration.owner }],
);

/**
 * Everything that is held about a user, as the declarations of the collections have it: each collection with an owner is
 * here by its name, also where the user has nothing in it.
 */
export async function findOwned(db: Db, userId: string): Promise<OwnedDocuments> {
  const found = OWNED.map(async (declaration) => {
    const { name, owner, secretFields = [] } = declaration;
    const projection = Object.fromEntries(secretFields.map((field) => [field, 0]));
    const documents = await collection(db, declaration)
      .find({ [owner]: userId }, { projection, sort: { _id: 1 } })
      .toArray();
    return [name, documents] as const;
  });
  return Object.fromEntries(await Promise.all(found));
}

/**
 * Removes everything that is held about a user, within the transaction of a session. The account goes first, as `users`
 * is the first declared to have an owner: whoever adds something for a user and changes the account in the same moment
 * is then either seen by this or finds no account.
 */
export async function eraseOwned(db: Db, session: ClientSession, userId: string): Promise<void> {
  // One after the other: a transaction is a sequence of commands.
  for (const declaration of OWNED) {
    await collection(db, declaration).deleteMany({ [declaration.owner]: userId }, { session });
  }
}
