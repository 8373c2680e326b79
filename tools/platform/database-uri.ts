import { MissingSetting } from '../../shared/config.ts';
import { secret } from '../../shared/secrets.ts';
import { findRunning } from './running.ts';

/** A command cannot start. The message says what to do. */
export class NoDatabase extends Error {
  override readonly name = 'NoDatabase';
}

/**
 * Returns the connection string of the database to use: MONGODB_URI, or that of a running `npm start`.
 * @param dataDir the data folder of `npm start`. Null if its database will not do.
 * @throws NoDatabase if there is neither.
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
