import { MissingSetting } from '../../shared/config.ts';
import { secret } from '../../shared/secrets.ts';
import { findRunning } from './running.ts';

/** What keeps a command from starting, and what to do about it. */
export class NoDatabase extends Error {
  override readonly name = 'NoDatabase';
}

/**
 * The connection string of the database to work on: MONGODB_URI, or else that of the `npm start` which runs here.
 * @param dataDir where `npm start` keeps its data and notes that it runs; null where its database will not do
 * @throws NoDatabase when there is neither.
 */
export async function databaseUri(dataDir: string | null): Promise<string> {
  try {
    return await secret('MONGODB_URI');
  } catch (error) {
    if (!(error instanceof MissingSetting)) throw error;
  }
  if (dataDir === null) throw new NoDatabase('Set MONGODB_URI to the database that readers of the bucket use.');
  const running = await findRunning(dataDir);
  if (running !== null) return running.mongodbUri;
  throw new NoDatabase('There is no database to work on: set MONGODB_URI, or run `npm start` in another terminal.');
}
