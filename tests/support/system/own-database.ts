import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { MongoClient } from 'mongodb';
import { type RunningMongo, startMongo } from '../../../local/mongo/server.ts';
import { CLIENT_OPTIONS } from '../../../shared/db/client.ts';
import { withDatabase } from '../../../tools/platform/mongo-uri.ts';
import { type DatabaseLine, openDatabaseLine } from './database-line.ts';

/** A mongod for one test file, which can stop, fail and start again with the same data. */
export interface OwnDatabase {
  uri(): string;
  start(): Promise<void>;
  stop(): Promise<void>;
  /** Removes all data of the stopped server, as when its disks are lost. The next start begins empty. */
  lose(): Promise<void>;
  /** Looks up the process, so that killing it later takes no time: it gets no chance to write, as in a power cut. */
  killer(): Promise<() => void>;
  /** Queries the database directly, not through a line. */
  query<T>(work: (client: MongoClient) => Promise<T>): Promise<T>;
}

/** Starts a mongod of its own for a test file. Call it once, at the top of the file. */
export function useOwnDatabase(): OwnDatabase {
  let folder: string;
  let mongo: RunningMongo;

  async function query<T>(work: (client: MongoClient) => Promise<T>): Promise<T> {
    const client = new MongoClient(mongo.uri, CLIENT_OPTIONS);
    try {
      return await work(client);
    } finally {
      await client.close();
    }
  }
  async function start(): Promise<void> {
    const env = { ...process.env, MONGODB_URI: undefined };
    mongo = await startMongo({ env, dataDir: path.join(folder, 'mongo') });
  }

  beforeAll(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'lectern-mongo-'));
    await start();
  }, 60_000);
  afterAll(async () => {
    await mongo.stop();
    await rm(folder, { recursive: true });
  }, 60_000);

  return {
    uri: () => withDatabase(mongo.uri, 'lectern'),
    start,
    stop: () => mongo.stop(),
    lose: () => rm(path.join(folder, 'mongo'), { recursive: true }),
    query,
    async killer() {
      const { pid } = await query((client) => client.db('admin').command({ serverStatus: 1 }));
      return () => process.kill(Number(pid), 'SIGKILL');
    },
  };
}

/** A database of its own behind a line that can lose replies. */
export type DatabaseBehindLine = OwnDatabase & Pick<DatabaseLine, 'loseReplyToUpdateOf'>;

/** As {@link useOwnDatabase}, with a line between the system and the database. */
export function useDatabaseBehindLine(): DatabaseBehindLine {
  let line: DatabaseLine;
  // In this order: jest runs hooks in the order of their registration, and the line ends before its database.
  afterAll(() => line.close());
  const database = useOwnDatabase();
  const lead = () => line.leadTo(Number(new URL(database.uri()).port));
  beforeAll(async () => {
    line = await openDatabaseLine();
    lead();
  });

  return {
    ...database,
    uri: () => `mongodb://127.0.0.1:${line.port}/lectern?directConnection=true`,
    async start() {
      await database.start();
      lead();
    },
    loseReplyToUpdateOf: (...args) => line.loseReplyToUpdateOf(...args),
  };
}
