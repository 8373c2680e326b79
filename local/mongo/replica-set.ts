import { connect } from 'node:net';
import os from 'node:os';
import { setTimeout as wait } from 'node:timers/promises';
import { type Admin, type Document, MongoClient, MongoError, MongoServerError } from 'mongodb';

export const SET_NAME = 'lectern';

/** Half a second on an idle machine. Journal recovery after a crash takes longer. */
const READY_SECONDS = 60;

/** MongoDB's error code NotYetInitialized. */
const NOT_YET_INITIALIZED = 94;

interface Member {
  readonly port: number;
  readonly dbPath: string;
  /** Aborted when mongod has ended. */
  readonly signal: AbortSignal;
}

/**
 * Waits for the mongod on this port and makes it the primary of a replica set with one member, whatever port its data
 * remember.
 */
export async function ensurePrimary(member: Member): Promise<void> {
  await until('listen', () => accepts(member.port), member.signal);

  let client: MongoClient | undefined;
  const becomesPrimary = async () => {
    client ??= await connectTo(member.port);
    return client !== undefined && isPrimary(client.db().admin(), member);
  };
  try {
    await until('become primary', becomesPrimary, member.signal);
  } finally {
    await client?.close();
  }
}

async function until(what: string, condition: () => Promise<boolean>, signal: AbortSignal): Promise<void> {
  const giveUpAt = Date.now() + READY_SECONDS * 1000;
  while (!(await condition())) {
    if (Date.now() > giveUpAt) throw new Error(`mongod did not ${what} within ${READY_SECONDS} s`);
    await wait(20, undefined, { signal });
  }
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('error', () => resolve(false));
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
  });
}

/**
 * Undefined if mongod does not answer in time, as on a busy machine. The next attempt needs a new client: the driver
 * closes one for good whose first connection fails.
 */
async function connectTo(port: number): Promise<MongoClient | undefined> {
  const client = new MongoClient(`mongodb://127.0.0.1:${port}/?directConnection=true`, {
    // In jest's CommonJS mode, the driver's own dynamic import of os fails.
    runtimeAdapters: { os },
    connectTimeoutMS: 2000,
    serverSelectionTimeoutMS: 2000,
  });
  try {
    return await client.connect();
  } catch (error) {
    await client.close();
    if (error instanceof MongoError) return undefined;
    throw error;
  }
}

/** Tells whether it is primary, and moves it towards that if not. */
async function isPrimary(admin: Admin, { port, dbPath }: Member): Promise<boolean> {
  const host = `127.0.0.1:${port}`;
  try {
    // Another mongod may have taken the port first.
    const { parsed } = await admin.command({ getCmdLineOpts: 1 });
    if (parsed.storage?.dbPath !== dbPath) return false;

    const hello = await admin.command({ hello: 1 });
    if (hello['isWritablePrimary'] && hello['me'] === host) return true;
    await configureReplicaSet(admin, host);
    return false;
  } catch (error) {
    // mongod refuses commands and drops connections while it reads its configuration and while roles change.
    if (error instanceof MongoError) return false;
    throw error;
  }
}

async function configureReplicaSet(admin: Admin, host: string): Promise<void> {
  const members = [{ _id: 0, host }];
  const config = await readConfiguration(admin);
  if (config === undefined) {
    await admin.command({ replSetInitiate: { _id: SET_NAME, members } });
  } else if (config['members'].length !== 1 || config['members'][0].host !== host) {
    // By force: on a port that the configuration does not name, no primary can accept an ordinary change.
    const version = config['version'] + 1;
    await admin.command({ replSetReconfig: { ...config, version, members }, force: true });
  }
}

async function readConfiguration(admin: Admin): Promise<Document | undefined> {
  try {
    return (await admin.command({ replSetGetConfig: 1 }))['config'];
  } catch (error) {
    if (error instanceof MongoServerError && error.code === NOT_YET_INITIALIZED) return undefined;
    throw error;
  }
}
