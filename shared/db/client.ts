import os from 'node:os';
import { MongoClient, type MongoClientOptions } from 'mongodb';
import { functionName } from '../config.ts';
import { problem } from '../http/problem.ts';
import { PREPARATION_MS, prepareBy } from '../prepare.ts';
import { secret } from '../secrets.ts';
import { within } from '../within.ts';
import { ReportingConnection } from './connection.ts';
import { asDatabase, type Database } from './database.ts';
import { patienceMs } from './patience.ts';
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
  ...reportingConnections(),
  // The driver would load it by a dynamic import, which test runners cannot follow.
  runtimeAdapters: { os },
} as const satisfies MongoClientOptions;

/** An option that the driver has but does not declare. */
function reportingConnections(): object {
  return { connectionType: ReportingConnection };
}

/**
 * The connections of a container, which handles one request at a time. A cluster limits the connections of all containers
 * together (docs/scale.md, "Connections").
 */
const POOL = {
  // As many as the widest request uses at once. Also the number of queries that may hang, until `socketTimeoutMS`, before
  // none is left to check the database with.
  maxPoolSize: 5,
  // Opened when a request needs them: a container of most functions never has more than one or two.
  minPoolSize: 0,
  // Before a NAT gateway ends an idle connection, after 350 s (Amazon VPC User Guide, "NAT gateways"). A container that
  // was frozen for longer connects anew, rather than learn from a failed command that it must.
  maxIdleTimeMS: 300_000,
} as const satisfies MongoClientOptions;

prepareBy(prepareClient);

/** The only client of this container, and its connection string. It has reached the database before. */
let client: { readonly mongo: MongoClient; readonly uri: string } | undefined;
/** Whether the client reached the database when it was last used. */
let isTrusted = false;
/** A check in progress. All queries wait for the same one. */
let reaching: Promise<MongoClient> | undefined;
/** When the first query began that has failed since the database was last reached. */
let awaySinceMs: number | undefined;

/**
 * Returns the only client of this container once it reaches the database. Created on first use, and again when the
 * connection string has changed, for example to that of a restored database.
 */
export async function mongoClient(): Promise<MongoClient> {
  if (client !== undefined && isTrusted && client.uri === (await secret('MONGODB_URI'))) return client.mongo;
  // A check that an earlier request started may be out of date: Lambda may have frozen the container during it.
  return reaching === undefined ? check() : reaching.catch(check);
}

/** Connects, but waits less than a request may. A failure counts as the beginning of an outage. */
async function prepareClient(): Promise<void> {
  const startedAtMs = performance.now();
  // Without it, nothing is known of the database.
  await secret('MONGODB_URI');
  try {
    await within(PREPARATION_MS, mongoClient().then(rehearse));
  } catch {
    awaySinceMs ??= startedAtMs;
  }
}

/** Opens the connection that the first query needs, and compiles the code that each one runs. */
async function rehearse(reached: MongoClient): Promise<void> {
  await reached
    .db()
    .collection<{ _id: string }>('courses')
    .aggregate([{ $match: { _id: '' } }])
    .toArray();
}

function check(): Promise<MongoClient> {
  reaching ??= reach().finally(() => {
    reaching = undefined;
  });
  return reaching;
}

/** Connects, or checks after a failure that the client reaches the database again. */
async function reach(): Promise<MongoClient> {
  const uri = await secret('MONGODB_URI');
  if (client?.uri === uri) await client.mongo.db().command({ ping: 1 }, { signal: AbortSignal.timeout(DEADLINE_MS) });
  else {
    const former = client?.mongo;
    client = { mongo: await connect(uri), uri };
    // Queries of the same request may still use it.
    if (former !== undefined) setTimeout(() => void former.close(), DEADLINE_MS).unref();
  }
  isTrusted = true;
  awaySinceMs = undefined;
  return client.mongo;
}

/** Connects a new client. The driver closes a client for good whose first connection fails, so a failed one is not kept. */
async function connect(uri: string): Promise<MongoClient> {
  const created = new MongoClient(uri, {
    ...CLIENT_OPTIONS,
    appName: `lectern-${functionName()}`,
    ...POOL,
    connectTimeoutMS: DEADLINE_MS,
    waitQueueTimeoutMS: DEADLINE_MS,
    // Closes connections to a server that hangs, long after the request was answered.
    socketTimeoutMS: 4 * DEADLINE_MS,
  });
  return created.connect();
}

/**
 * Runs a query on the database of the connection string. All database access of functions goes through here, so that
 * they treat an unreachable, hanging or failing-over database alike.
 * @throws Problem `unavailable` if there is no answer in time. The operation may still complete, so writes must be safe
 * to repeat.
 */
export async function query<T>(ask: (db: Database) => Promise<T>): Promise<T> {
  const startedAtMs = performance.now();
  const awayMs = startedAtMs - (awaySinceMs ?? startedAtMs);
  try {
    const reached = await within(patienceMs(awayMs, DEADLINE_MS), mongoClient());
    // The driver limits each step of an operation, such as server selection, but not the operation with its retry.
    return await within(DEADLINE_MS - (performance.now() - startedAtMs), ask(asDatabase(reached.db())));
  } catch (error) {
    if (!isDatabaseUnavailable(error)) throw error;
    isTrusted = false;
    awaySinceMs ??= startedAtMs;
    throw problem('unavailable', { cause: error });
  }
}

/** Closes the client. For tests and scripts; Lambda freezes a container with its client open. */
export async function closeDatabase(): Promise<void> {
  await reaching?.catch(() => undefined);
  const open = client;
  client = undefined;
  isTrusted = false;
  awaySinceMs = undefined;
  await open?.mongo.close();
}
