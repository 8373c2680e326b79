import { closeDatabase, mongoClient } from '../shared/db/client.ts';
import { migrate } from '../shared/db/migrate.ts';

// `npm run migrate`: makes the collections and indexes that are missing in the database that MONGODB_URI names.

try {
  const db = (await mongoClient()).db();
  const { created, undeclared } = await migrate(db);
  console.log(
    created.length > 0 ? `${db.databaseName}: made ${created.join(', ')}` : `${db.databaseName}: nothing to do`,
  );
  if (undeclared.length > 0) console.log(`Not declared, and left alone: ${undeclared.join(', ')}`);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
} finally {
  await closeDatabase();
}
