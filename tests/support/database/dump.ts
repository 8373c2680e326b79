import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { BSON, type Db, type Document, type IndexDescription } from 'mongodb';

/*
 * What mongodump and mongorestore do, in the same files (MongoDB Database Tools, "mongodump", "Data Files"): for each
 * collection, its documents in BSON, one after another, and its options and indexes in Extended JSON.
 */

interface Metadata {
  readonly options: Document;
  readonly indexes: readonly (IndexDescription & { readonly name: string; readonly v?: number })[];
  readonly collectionName: string;
  readonly type: string;
}

/** Dumps a database as it is at one moment, as `mongodump --oplog` does. */
export async function dumpDatabase(db: Db, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  const session = db.client.startSession({ snapshot: true });
  try {
    for (const { name, options = {}, type = 'collection' } of await db
      .listCollections({}, { nameOnly: false })
      .toArray()) {
      const documents = db.collection(name).find({}, { session, raw: true });
      const bson: Uint8Array[] = [];
      for await (const document of documents) bson.push(document as unknown as Uint8Array);
      await writeFile(path.join(folder, `${name}.bson`), Buffer.concat(bson));
      const indexes = (await db.collection(name).indexes()) as Metadata['indexes'];
      const metadata: Metadata = { options, indexes, collectionName: name, type };
      await writeFile(path.join(folder, `${name}.metadata.json`), BSON.EJSON.stringify(metadata));
    }
  } finally {
    await session.endSession();
  }
}

/** Restores a dump. First removes the collections that it contains, as `mongorestore --drop` does. */
export async function restoreDatabase(db: Db, folder: string): Promise<void> {
  const files = (await readdir(folder)).filter((name) => name.endsWith('.metadata.json'));
  for (const file of files) {
    const metadata = BSON.EJSON.parse(await readFile(path.join(folder, file), 'utf8')) as Metadata;
    const { collectionName: name, options, indexes } = metadata;
    await db.dropCollection(name);
    const collection = await db.createCollection(name, options);
    const documents = documentsOf(await readFile(path.join(folder, `${name}.bson`)));
    if (documents.length > 0) await collection.insertMany(documents);
    const others = indexes.filter((index) => index.name !== '_id_').map(({ v: _, ...index }) => index);
    if (others.length > 0) await collection.createIndexes(others);
  }
}

/** Splits BSON documents that follow each other. Each begins with its length (bsonspec.org). */
function documentsOf(bson: Buffer): Document[] {
  const documents: Document[] = [];
  for (let start = 0; start < bson.length; start += bson.readInt32LE(start)) {
    // Keeps the types of numbers.
    documents.push(BSON.deserialize(bson.subarray(start, start + bson.readInt32LE(start)), { promoteValues: false }));
  }
  return documents;
}
