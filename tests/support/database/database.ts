import { randomUUID } from 'node:crypto';
import os from 'node:os';
import { type Db, MongoClient } from 'mongodb';
import { withDatabase } from '../../../tools/platform/mongo-uri.ts';

/** The database of one test file. */
export interface TestDatabase {
  /** The connection string with the database's name. */
  uri(): string;
  client(): MongoClient;
  db(): Db;
}

/**
 * Gives a test file an empty database on the run's server, dropped after its last test. Call it once, at the top of the
 * file.
 */
export function useDatabase(): TestDatabase {
  const server = process.env['LECTERN_TEST_MONGODB_URI'];
  if (!server) throw new Error('LECTERN_TEST_MONGODB_URI is missing: is global-setup.ts in the jest configuration?');

  const uri = withDatabase(server, `test-${randomUUID()}`);
  // In jest's CommonJS mode, the driver's own dynamic import of os fails.
  const client = new MongoClient(uri, { runtimeAdapters: { os } });

  afterAll(async () => {
    await client.db().dropDatabase();
    await client.close();
  });

  return { uri: () => uri, client: () => client, db: () => client.db() };
}
