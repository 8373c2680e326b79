import os from 'node:os';
import { MongoClient, type MongoClientOptions } from 'mongodb';
import { functionName } from '../config.ts';
import { problem } from '../http/problem.ts';
import { secret } from '../secrets.ts';
import { asDatabase, type Database } from './database.ts';
import { isDatabaseUnavailable } from './unavailable.ts';

/** How long a function waits for the database, in milliseconds. The answer `unavailable` is due within 4 s. */
const DEADLINE_MS = 3000;

/** Options of every MongoDB client in Lectern. A write counts as done once it survives the loss of a server. */
export const CLIENT_OPTIONS = {
  serverSelectionTimeoutMS: DEADLINE_MS,
  retryReads: true,
  retryWrites: true,
  writeConcern: { w: 'majority', journal: true },
  ignoreUndefined: true,
  // The driver would load it by a dynamic import, which test runners cannot follow.
  runtimeAdapters: { os },
} as const satisfies MongoClientOptions;

let connecting: Promise<MongoClient> | undefined;

/** Returns the only client of this container, created on first use. */
export function mongoClient(): Promise<MongoClient> {
  connecting ??= createClient().catch((error: unknown) => {
    connecting = undefined;
    throw error;
  });
  return connecting;
}

async function createClient(): Promise<MongoClient> {
  return new MongoClient(await secret('MONGODB_URI'), {
    ...CLIENT_OPTIONS,
    appName: `lectern-${functionName()}`,
    // A container handles one request at a time.
    maxPoolSize: 5,
    connectTimeoutMS: DEADLINE_MS,
    waitQueueTimeoutMS: DEADLINE_MS,
    // Closes connections to a server that hangs, long after the request was answered.
    socketTimeoutMS: 4 * DEADLINE_MS,
  });
}

/**
 * Runs a query on the database of the connection string. All database access of functions goes through here, so that
 * they treat an unreachable, hanging or failing-over database alike.
 * @throws Problem `unavailable` if there is no answer in time. The operation may still complete, so writes must be safe
 * to repeat.
 */
export async function query<T>(ask: (db: Database) => Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  // The driver limits each step of an operation, such as server selection, but not the operation with its retry.
  const deadline = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(problem('unavailable', { cause: new Error(`No answer in ${DEADLINE_MS} ms`) })),
      DEADLINE_MS,
    );
  });
  try {
    return await Promise.race([mongoClient().then((client) => ask(asDatabase(client.db()))), deadline]);
  } catch (error) {
    throw isDatabaseUnavailable(error) ? problem('unavailable', { cause: error }) : error;
  } finally {
    clearTimeout(timer);
  }
}

/** Closes the client. For tests and scripts; Lambda freezes a container with its client open. */
export async function closeDatabase(): Promise<void> {
  const client = await connecting;
  connecting = undefined;
  await client?.close();
}
