import os from 'node:os';
import { type Db, MongoClient, type MongoClientOptions } from 'mongodb';
import { functionName } from '../config.ts';
import { secret } from '../secrets.ts';

/** How long a function waits for the database, in milliseconds: the answer `unavailable` is due within 4 s. */
const TIMEOUT_MS = 3000;

/** What every client of Lectern has in common: a write is only done when it would survive the loss of a server. */
export const CLIENT_OPTIONS = {
  serverSelectionTimeoutMS: TIMEOUT_MS,
  retryReads: true,
  retryWrites: true,
  writeConcern: { w: 'majority', journal: true },
  ignoreUndefined: true,
  // Handed in, since the driver would otherwise load it by a dynamic import, which test runners cannot follow.
  runtimeAdapters: { os },
} as const satisfies MongoClientOptions;

let connecting: Promise<MongoClient> | undefined;

/** The one client of this container, made on first use. A container answers one request at a time, so its pool is small. */
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
    maxPoolSize: 5,
    minPoolSize: 0,
    // Bounds a whole operation, from finding a server to the last byte: also when a server hangs instead of failing.
    timeoutMS: TIMEOUT_MS,
  });
}

/**
 * The database that the connection string names.
 * @throws Problem `unavailable` when its connection string cannot be read; MissingSetting when there is none.
 */
export async function database(): Promise<Db> {
  return (await mongoClient()).db();
}

/** Ends the client, for tests and scripts; a container is frozen with its client open. */
export async function closeDatabase(): Promise<void> {
  const client = await connecting;
  connecting = undefined;
  await client?.close();
}
