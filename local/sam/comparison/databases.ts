import { randomUUID } from 'node:crypto';
import { MongoClient } from 'mongodb';
import { CLIENT_OPTIONS } from '../../../shared/db/client.ts';
import { migrate } from '../../../shared/db/migrate.ts';
import { withDatabase } from '../../mongo/uri.ts';
import { loadSampleCourses } from '../../sample/courses.ts';

export interface EqualDatabases<Name extends string> {
  /** One connection string for each name. */
  readonly uris: Readonly<Record<Name, string>>;
  drop(): Promise<void>;
}

export interface EqualDatabasesOptions<Name extends string> {
  readonly root: string;
  readonly mediaDir: string;
  readonly serverUri: string;
  readonly names: readonly Name[];
}

/**
 * Databases that hold the same documents, the sample courses, down to the times at which they were written: one for each
 * side of a comparison, so that what a request writes on one side is not met by the other.
 */
export async function createEqualDatabases<Name extends string>(
  options: EqualDatabasesOptions<Name>,
): Promise<EqualDatabases<Name>> {
  const { root, mediaDir, serverUri, names } = options;
  const run = randomUUID().slice(0, 8);
  const databases = names.map((name) => [name, `lectern-sam-${run}-${name}`] as const);
  const client = new MongoClient(serverUri, CLIENT_OPTIONS);
  const drop = async () => {
    for (const [, database] of databases) await client.db(database).dropDatabase();
    await client.close();
  };
  try {
    const [[, first = ''] = []] = databases;
    await loadSampleCourses({ root, mediaDir, mongodbUri: withDatabase(serverUri, first) });
    for (const [, database] of databases.slice(1)) await copyDatabase(client, first, database);
    const uris = databases.map(([name, database]) => [name, withDatabase(serverUri, database)] as const);
    return { uris: Object.fromEntries(uris) as Record<Name, string>, drop };
  } catch (error) {
    await drop();
    throw error;
  }
}

async function copyDatabase(client: MongoClient, from: string, to: string): Promise<void> {
  await migrate(client.db(to));
  for (const { name } of await client.db(from).listCollections({}, { nameOnly: true }).toArray()) {
    const documents = await client.db(from).collection(name).find().toArray();
    if (documents.length > 0) await client.db(to).collection(name).insertMany(documents);
  }
}
