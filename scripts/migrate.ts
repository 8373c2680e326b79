import path from 'node:path';
import { MongoClient } from 'mongodb';
import { migrateDatabase } from '../publishing/migration/migrate-database.ts';
import { CLIENT_OPTIONS } from '../shared/db/client.ts';
import { databaseUri } from '../tools/platform/mongo-uri.ts';

// `npm run migrate`: creates missing collections and indexes, and lifts published documents to the current version, in
// the database of MONGODB_URI, or of a running `npm start`.

const dataDir = path.resolve(import.meta.dirname, '../.data');
let client: MongoClient | undefined;

try {
  client = new MongoClient(await databaseUri(dataDir), CLIENT_OPTIONS);
  const db = client.db();
  const { created, lifted, undeclared } = await migrateDatabase(db);
  if (created.length > 0) console.log(`${db.databaseName}: created ${created.join(', ')}`);
  if (lifted.length > 0) console.log(`${db.databaseName}: lifted the documents of ${lifted.join(', ')}`);
  if (created.length + lifted.length === 0) console.log(`${db.databaseName}: nothing to do`);
  if (undeclared.length > 0) console.log(`Undeclared, left unchanged: ${undeclared.join(', ')}`);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
} finally {
  await client?.close();
}
