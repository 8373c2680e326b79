import { randomUUID } from 'node:crypto';
import { type Db, type Document, MongoClient } from 'mongodb';
import { loadSampleAccounts } from '../../../local/sample/accounts.ts';
import { loadSampleCourses } from '../../../local/sample/courses.ts';
import { CLIENT_OPTIONS } from '../../../shared/db/client.ts';
import { migrate } from '../../../shared/db/migrate.ts';
import { withDatabase } from '../../../tools/platform/mongo-uri.ts';

export interface EqualDatabases<Name extends string> {
  /** One connection string for each name. */
  readonly uris: Readonly<Record<Name, string>>;
  /** Restores the original content of all databases. */
  restore(): Promise<void>;
  drop(): Promise<void>;
}

export interface EqualDatabasesOptions<Name extends string> {
  readonly root: string;
  readonly mediaDir: string;
  readonly serverUri: string;
  readonly names: readonly Name[];
  /** For the sample accounts. */
  readonly password: string;
}

/**
 * Databases with the same documents, the sample courses and accounts, including their timestamps. Each side of the
 * comparison has one, so that writes on one side do not affect the others.
 */
export async function createEqualDatabases<Name extends string>(
  options: EqualDatabasesOptions<Name>,
): Promise<EqualDatabases<Name>> {
  const { root, mediaDir, serverUri, names, password } = options;
  const run = randomUUID().slice(0, 8);
  const databases = names.map((name) => [name, `lectern-sam-${run}-${name}`] as const);
  const client = new MongoClient(serverUri, CLIENT_OPTIONS);
  const drop = async () => {
    for (const [, database] of databases) await client.db(database).dropDatabase();
    await client.close();
  };
  try {
    const [[, first = ''] = []] = databases;
    const firstUri = withDatabase(serverUri, first);
    await loadSampleCourses({ root, mediaDir, mongodbUri: firstUri });
    await loadSampleAccounts(firstUri, password);
    const documents = await readDocuments(client.db(first));
    for (const [, database] of databases.slice(1)) await migrate(client.db(database));
    const restore = async () => {
      for (const [, database] of databases) await writeDocuments(client.db(database), documents);
    };
    await restore();
    const uris = databases.map(([name, database]) => [name, withDatabase(serverUri, database)] as const);
    return { uris: Object.fromEntries(uris) as Record<Name, string>, restore, drop };
  } catch (error) {
    await drop();
    throw error;
  }
}

/** All documents by collection. */
type Documents = ReadonlyMap<string, readonly Document[]>;

async function readDocuments(db: Db): Promise<Documents> {
  const collections = await db.listCollections({}, { nameOnly: true }).toArray();
  const documents = collections.map(async ({ name }) => [name, await db.collection(name).find().toArray()] as const);
  return new Map(await Promise.all(documents));
}

async function writeDocuments(db: Db, documents: Documents): Promise<void> {
  for (const [name, own] of documents) {
    await db.collection(name).deleteMany({});
    if (own.length > 0) await db.collection(name).insertMany([...own]);
  }
}
