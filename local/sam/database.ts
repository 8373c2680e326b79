import path from 'node:path';
import { withDatabase } from '../../tools/platform/mongo-uri.ts';
import type { Environment } from '../../tools/platform/run.ts';
import { findRunning } from '../../tools/platform/running.ts';
import { startMongo } from '../mongo/server.ts';
import { loadSampleAccounts } from '../sample/accounts.ts';
import { loadSampleCourses } from '../sample/courses.ts';

export interface DatabaseOptions {
  readonly root: string;
  readonly dataDir: string;
  readonly env: Environment;
  /** For the sample accounts. */
  readonly password: string;
  /** Called with a line for people about anything that takes a while. */
  readonly report: (message: string) => void;
}

export interface OpenDatabase {
  readonly mongodbUri: string;
  /** Where its courses' media are served. Null if they are not. */
  readonly mediaUrl: string | null;
  /** Whether it may have the sample accounts. A database that MONGODB_URI names may not. */
  readonly hasSampleAccounts: boolean;
  close(): Promise<void>;
}

const DATABASE = 'lectern';

/**
 * Opens the database of MONGODB_URI, else that of a running `npm start`, else starts one on the same data, with the
 * sample courses and accounts.
 */
export async function openDatabase({ root, dataDir, env, password, report }: DatabaseOptions): Promise<OpenDatabase> {
  const running = await findRunning(dataDir);
  const named = env['MONGODB_URI'];
  const mongodbUri = named || running?.mongodbUri;
  if (mongodbUri) {
    const mediaUrl = running?.mediaUrl ?? null;
    return { mongodbUri, mediaUrl, hasSampleAccounts: !named, close: () => Promise.resolve() };
  }

  const mongo = await startMongo({ env, dataDir: path.join(dataDir, 'mongo'), report });
  try {
    const own = withDatabase(mongo.uri, DATABASE);
    await loadSampleCourses({ root, mediaDir: path.join(dataDir, 'media'), mongodbUri: own });
    await loadSampleAccounts(own, password);
    return { mongodbUri: own, mediaUrl: null, hasSampleAccounts: true, close: mongo.stop };
  } catch (error) {
    await mongo.stop();
    throw error;
  }
}
