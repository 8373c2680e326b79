import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { Db } from 'mongodb';
import { type System, type SystemOptions, startSystem } from '../../local/system.ts';
import { useDatabase } from './mongod.ts';

/** A whole system for one test file. */
export interface TestSystem {
  system(): System;
  db(): Db;
  /** The folder of its database, media, mails and secrets. */
  dataDir(): string;
}

interface TestSystemOptions extends Partial<Pick<SystemOptions, 'report' | 'log' | 'now'>> {
  /** Used by the system instead of its own, so that tests can sign and forge. */
  readonly secrets: Readonly<Record<string, string>>;
  /** Called after the file's earlier hooks, because a server has an origin only once it listens. */
  readonly allowedOrigins?: () => readonly string[];
}

/**
 * Starts what `npm start` starts, on the run's MongoDB and in its own folders. Stops it after the file's last test.
 * Call it once, at the top of the file.
 */
export function useSystem({ secrets, allowedOrigins = () => [], ...options }: TestSystemOptions): TestSystem {
  let folder: string;
  let system: System;
  const dataDir = () => path.join(folder, 'data');

  // Before the database's hooks, because jest runs them in this order: users of the database end first.
  afterAll(async () => {
    await system.stop();
    await rm(folder, { recursive: true });
  }, 60_000);
  const database = useDatabase();

  beforeAll(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'lectern-system-'));
    await mkdir(dataDir());
    await writeFile(path.join(dataDir(), 'secrets.json'), JSON.stringify(secrets));
    system = await startSystem({
      root: path.resolve(import.meta.dirname, '../..'),
      dataDir: dataDir(),
      functionsDir: path.join(folder, 'functions'),
      port: 0,
      env: { ...process.env, MONGODB_URI: database.uri(), ALLOWED_ORIGINS: allowedOrigins().join(',') },
      report: () => undefined,
      log: () => undefined,
      ...options,
    });
  }, 60_000);

  return { system: () => system, db: database.db, dataDir };
}
