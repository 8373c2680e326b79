import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { type System, type SystemOptions, startSystem } from '../../../local/system.ts';
import { type TestDatabase, useDatabase } from '../database/database.ts';
import { type HttpAnswer, type RequestOptions, send } from './client.ts';

/** A whole system for one test file. */
export interface TestSystem<Database> {
  system(): System;
  readonly database: Database;
  /** The folder of its media, mails and secrets. */
  dataDir(): string;
  /** Sends a request to it. */
  send(method: string, route: string, options?: RequestOptions): Promise<HttpAnswer>;
}

export interface TestSystemOptions extends Partial<Pick<SystemOptions, 'report' | 'log' | 'now'>> {
  /** Replace secrets of the system, so that tests can sign and forge. */
  readonly secrets?: Readonly<Record<string, string>>;
  /** Called after the file's earlier hooks, because a server has an origin only once it listens. */
  readonly allowedOrigins?: () => readonly string[];
}

/**
 * Starts what `npm start` starts, on the run's MongoDB and in its own folders. Stops it after the file's last test.
 * Call it once, at the top of the file.
 */
export function useSystem(options: TestSystemOptions = {}): TestSystem<TestDatabase> {
  return useSystemOn(useDatabase, options);
}

/**
 * As {@link useSystem}, on the database that a hook such as `useOwnDatabase` provides. If it has no URI, the system
 * starts its own.
 */
export function useSystemOn<Database extends { uri(): string | undefined }>(
  useItsDatabase: () => Database,
  { secrets, allowedOrigins = () => [], ...options }: TestSystemOptions = {},
): TestSystem<Database> {
  let folder: string;
  let system: System;
  const dataDir = () => path.join(folder, 'data');

  // Before the database's hooks, because jest runs them in this order: users of the database end first.
  afterAll(async () => {
    await system.stop();
    await rm(folder, { recursive: true });
  }, 60_000);
  const database = useItsDatabase();

  beforeAll(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'lectern-system-'));
    await mkdir(dataDir());
    if (secrets !== undefined) await writeFile(path.join(dataDir(), 'secrets.json'), JSON.stringify(secrets));
    system = await startSystem({
      root: path.resolve(import.meta.dirname, '../../..'),
      dataDir: dataDir(),
      functionsDir: path.join(folder, 'functions'),
      port: 0,
      env: { ...process.env, MONGODB_URI: database.uri(), ALLOWED_ORIGINS: allowedOrigins().join(',') },
      report: () => undefined,
      log: () => undefined,
      ...options,
    });
  }, 60_000);

  return {
    system: () => system,
    database,
    dataDir,
    send: (method, route, options) => send(system.apiUrl, method, route, options),
  };
}
