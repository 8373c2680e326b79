import { readFile } from 'node:fs/promises';
import { MissingSetting } from '../../shared/config.ts';
import { secret } from '../../shared/secrets.ts';

/** What keeps a command from starting, and what to do about it. */
export class NoDatabase extends Error {
  override readonly name = 'NoDatabase';
}

/**
 * The connection string of the database to work on: MONGODB_URI, or else that of the `npm start` which runs here.
 * @param runningFile where `npm start` notes what it runs.
 * @throws NoDatabase when there is neither.
 */
export async function databaseUri(runningFile: string): Promise<string> {
  try {
    return await secret('MONGODB_URI');
  } catch (error) {
    if (!(error instanceof MissingSetting)) throw error;
  }
  const running = parseRunning(await readFile(runningFile, 'utf8').catch(nothingIfMissing));
  if (running !== undefined && isAlive(running.pid)) return running.mongodbUri;
  throw new NoDatabase('There is no database to import into: set MONGODB_URI, or run `npm start` in another terminal.');
}

interface Running {
  readonly pid: number;
  readonly mongodbUri: string;
}

/** Undefined when the file is missing or not as `npm start` writes it. */
function parseRunning(text: string | undefined): Running | undefined {
  if (text === undefined) return undefined;
  const value: unknown = JSON.parse(text);
  if (typeof value !== 'object' || value === null || !('pid' in value) || !('mongodbUri' in value)) return undefined;
  const { pid, mongodbUri } = value;
  return Number.isInteger(pid) && typeof pid === 'number' && typeof mongodbUri === 'string'
    ? { pid, mongodbUri }
    : undefined;
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    // Not allowed to signal it means that it is there.
    return hasCode(error, 'EPERM');
  }
}

function nothingIfMissing(error: unknown): undefined {
  if (!hasCode(error, 'ENOENT')) throw error;
}

function hasCode(error: unknown, code: string): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && error.code === code;
}
