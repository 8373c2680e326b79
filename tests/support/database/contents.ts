import type { Db, Document } from 'mongodb';

/** A document that names somebody. */
export interface Mention {
  readonly collection: string;
  readonly document: Document;
}

/** Finds every document, in any collection, that contains one of these texts, in any case. */
export async function mentionsOf(db: Db, ...texts: readonly string[]): Promise<readonly Mention[]> {
  const wanted = texts.map((text) => text.toLowerCase());
  const collections = await db.listCollections({}, { nameOnly: true }).toArray();
  const found = await Promise.all(
    collections.map(async ({ name }) => {
      const documents = await db.collection(name).find().toArray();
      return documents
        .filter((document) => wanted.some((text) => JSON.stringify(document).toLowerCase().includes(text)))
        .map((document) => ({ collection: name, document }));
    }),
  );
  return found.flat();
}

/** Reads the whole database, to compare it later. */
export async function snapshotOf(db: Db): Promise<Readonly<Record<string, readonly Document[]>>> {
  const collections = await db.listCollections({}, { nameOnly: true }).toArray();
  const documents = collections.map(
    async ({ name }) => [name, await db.collection(name).find().sort({ _id: 1 }).toArray()] as const,
  );
  return Object.fromEntries(await Promise.all(documents));
}
