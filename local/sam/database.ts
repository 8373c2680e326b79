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
  /** Of the sample accounts. */
  readonly password: string;
  /** Told, in a line for people, of what takes a while. */
  readonly report: (message: string) => void;
}

export interface OpenDatabase {
  readonly mongodbUri: string;
  /** Where the media of its courses are served; null where they are not. */
  readonly mediaUrl: string | null;
  /** Whether it may have the sample accounts. One that MONGODB_URI names is nobody's to sign in to unasked. */
  readonly hasSampleAccounts: boolean;
  close(): Promise<void>;
}

const DATABASE = 'lectern';

/**
 * The database that MONGODB_URI names, else that of the `npm start` which runs here, else one that is started on the same
 * data, with the sample courses and accounts.
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
