import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import type { Environment } from '../mongo/run.ts';
import { startMongo } from '../mongo/server.ts';
import { withDatabase } from '../mongo/uri.ts';
import { findRunning } from '../running.ts';
import { loadSampleCourses } from '../sample/courses.ts';
import { localSecrets } from '../secrets.ts';

export interface DatabaseOptions {
  readonly root: string;
  readonly env: Environment;
  /** Told, in a line for people, of what takes a while. */
  readonly report: (message: string) => void;
}

/** A database, and what a function is to be given so that it answers as under `npm start`. */
export interface OpenDatabase {
  readonly variables: Readonly<Record<string, string>>;
  close(): Promise<void>;
}

const DATABASE = 'lectern';

/**
 * The database that MONGODB_URI names, else that of the `npm start` which runs here, else one that is started on the same
 * data, with the sample courses.
 */
export async function openDatabase({ root, env, report }: DatabaseOptions): Promise<OpenDatabase> {
  const dataDir = path.join(root, '.data');
  const mediaDir = path.join(dataDir, 'media');
  await mkdir(mediaDir, { recursive: true });
  const secrets = await localSecrets(dataDir);
  const running = await findRunning(dataDir);
  const found = env['MONGODB_URI'] || running?.mongodbUri;
  if (found) {
    const media = running === null ? {} : { MEDIA_BASE_URL: running.mediaUrl };
    return { variables: { ...secrets, ...media, MONGODB_URI: found }, close: () => Promise.resolve() };
  }

  const mongo = await startMongo({ env, dataDir: path.join(dataDir, 'mongo'), report });
  try {
    const mongodbUri = withDatabase(mongo.uri, DATABASE);
    await loadSampleCourses({ root, mediaDir, mongodbUri });
    return { variables: { ...secrets, MONGODB_URI: mongodbUri }, close: mongo.stop };
  } catch (error) {
    await mongo.stop();
    throw error;
  }
}
