import os from 'node:os';
import { MongoClient, type MongoClientOptions } from 'mongodb';
import { functionName } from '../config.ts';
import { problem } from '../http/problem.ts';
import { secret } from '../secrets.ts';
import { asDatabase, type Database } from './database.ts';
import { isDatabaseUnavailable } from './unavailable.ts';

/** How long a function waits for the database, in milliseconds: the answer `unavailable` is due within 4 s. */
const DEADLINE_MS = 3000;

/** What every client of Lectern has in common: a write is only done when it would survive the loss of a server. */
export const CLIENT_OPTIONS = {
  serverSelectionTimeoutMS: DEADLINE_MS,
  retryReads: true,
  retryWrites: true,
  writeConcern: { w: 'majority', journal: true },
  ignoreUndefined: true,
  // Handed in, since the driver would otherwise load it by a dynamic import, which test runners cannot follow.
  runtimeAdapters: { os },
} as const satisfies MongoClientOptions;

let connecting: Promise<MongoClient> | undefined;

/** The one client of this container, made on first use. */
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
    // A container answers one request at a time.
    maxPoolSize: 5,
    connectTimeoutMS: DEADLINE_MS,
    waitQueueTimeoutMS: DEADLINE_MS,
    // A server that hangs keeps its connections; this lets go of them, long after the client was answered.
    socketTimeoutMS: 4 * DEADLINE_MS,
  });
}

/**
 * Asks the database that the connection string names. Every access of a function goes through here, so that a database
 * which is away, hangs or fails over looks the same to all of them.
 * @throws Problem `unavailable` when there is no answer in time. What was asked may still happen, so a write that is sent
 * again must do no harm.
 */
export async function query<T>(ask: (db: Database) => Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  // The driver bounds each step of an operation, such as finding a server, but not the operation with its retry.
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

/** Ends the client, for tests and scripts; a container is frozen with its client open. */
export async function closeDatabase(): Promise<void> {
  const client = await connecting;
  connecting = undefined;
  await client?.close();
}
