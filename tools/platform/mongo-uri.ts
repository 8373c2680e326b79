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
  throw new NoDatabase('No database found: set MONGODB_URI, or run `npm start` in another terminal.');
}

/**
 * Sets the database in the path of a connection string, which is not a URL if it names several hosts. Users are still
 * authenticated against the same database, which depends on the path too.
 *
 * @throws Error if it is not a connection string.
 */
export function withDatabase(uri: string, name: string): string {
  const [, server, path = '', query = ''] = /^(mongodb(?:\+srv)?:\/\/[^/?]+)\/?([^?]*)\??(.*)$/.exec(uri) ?? [];
  if (server === undefined) throw new Error('a MongoDB connection string starts with mongodb:// or mongodb+srv://');

  const options = query === '' ? [] : query.split('&');
  if (server.includes('@') && !/\bauthSource=/i.test(query)) options.push(`authSource=${path || 'admin'}`);
  return [`${server}/${name}`, options.join('&')].filter(Boolean).join('?');
}

/** Returns the connection string without its password. The user name is not a secret. */
export function withoutPassword(uri: string): string {
  return uri.replace(/^(mongodb(?:\+srv)?:\/\/[^:@/]*):[^@/]*@/, '$1:***@');
}
