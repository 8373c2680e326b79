import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { createServer } from 'node:net';
import os, { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as wait } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { MongoClient } from 'mongodb';
import { freePort } from '../../local/http/listen.ts';
import { findMongod } from '../../local/mongo/binary/binary.ts';
import { findProcess } from '../../local/mongo/process-table.ts';
import { type MongoOptions, type RunningMongo, startMongo } from '../../local/mongo/server.ts';
import { descendantsOf } from '../support/system/process-tree.ts';

jest.setTimeout(120_000);

const { MONGODB_URI: _unused, ...env } = process.env;
let dataDir: string;
let started: RunningMongo[];
let owners: ChildProcess[];

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'lectern-test-'));
  started = [];
  owners = [];
});

afterEach(async () => {
  await Promise.all(owners.map(kill));
  await Promise.all(started.map((mongo) => mongo.stop()));
  await until(async () => !(await isRunning(await mongodPid(dataDir))));
  await rm(dataDir, { recursive: true });
});

describe('a permanent data folder', () => {
  it('keeps its data and port at the next start, and supports transactions', async () => {
    const first = await start();
    await write(first.uri, 'kept');
    await first.stop();

    const second = await start();
    expect(second.uri).toBe(first.uri);
    expect(await read(second.uri)).toEqual(['kept']);
    await withClient(second.uri, (client) =>
      client.withSession((session) =>
        session.withTransaction(() => client.db('test').collection('notes').insertOne({ text: 'more' }, { session })),
      ),
    );
    expect(await read(second.uri)).toEqual(['kept', 'more']);
  });

  it('moves to another port if a program uses the last one', async () => {
    const first = await start();
    await write(first.uri, 'kept');
    await first.stop();
    const other = createServer((socket) => socket.destroy()).listen(portOf(first.uri), '127.0.0.1');
    await once(other, 'listening');

    const reported: string[] = [];
    const second = await start({ report: (message) => reported.push(message) });
    expect(second.uri).not.toBe(first.uri);
    expect(reported).toEqual([expect.stringContaining(`another program uses port ${portOf(first.uri)}`)]);
    expect(await read(second.uri)).toEqual(['kept']);
    await write(second.uri, 'more');
    await second.stop();
    other.close();

    const third = await start();
    expect(third.uri).toBe(second.uri);
  });

  it('keeps its data if the owner is killed, and can be served again at once', async () => {
    const { owner, uri } = await startInProcess();
    await write(uri, 'kept');
    await kill(owner);

    const second = await start();
    expect(await read(second.uri)).toEqual(['kept']);
  });

  it('keeps its data if mongod is killed', async () => {
    const first = await start();
    await write(first.uri, 'kept');
    process.kill(await mongodPid(dataDir), 'SIGKILL');
    await first.stop();

    expect(await read((await start()).uri)).toEqual(['kept']);
  });

  it('keeps its data if owner and supervisor are killed, and the next start ends the orphaned mongod', async () => {
    const { owner, uri } = await startInProcess();
    await write(uri, 'kept');
    const orphan = await mongodPid(dataDir);
    const supervisor = (await findProcess(orphan))?.parent ?? 0;
    process.kill(supervisor, 'SIGKILL');
    await kill(owner);
    expect(await isRunning(orphan)).toBe(true);

    const reported: string[] = [];
    const second = await start({ report: (message) => reported.push(message) });
    expect(reported).toContain(`waiting for mongod (pid ${orphan}), left behind by an earlier run, to shut down`);
    expect(await isRunning(orphan)).toBe(false);
    expect(await read(second.uri)).toEqual(['kept']);
  });

  it('shares nothing with another folder that is served at the same time', async () => {
    const [one, other] = await Promise.all([start(), start({ dataDir: join(dataDir, 'other') })]);
    await write(one.uri, 'one');
    await write(other.uri, 'other');

    expect(one.uri).not.toBe(other.uri);
    expect(await read(one.uri)).toEqual(['one']);
    expect(await read(other.uri)).toEqual(['other']);
  });
});

describe('a server that is kept running', () => {
  it('is served again at the same address after it was killed, with its data', async () => {
    const reported: string[] = [];
    const { uri } = await start({ keepRunning: true, report: (message) => reported.push(message) });
    await write(uri, 'kept');
    const killed = await mongodPid(dataDir);
    process.kill(killed, 'SIGKILL');

    await until(async () => reported.length === 2);
    expect(reported).toEqual(['The database stopped (SIGKILL). Starting it again …', 'The database runs again.']);
    expect(await read(uri)).toEqual(['kept']);
    await write(uri, 'more');
    expect(await mongodPid(dataDir)).not.toBe(killed);
  });

  it('ends its mongod and starts another one after only its supervisor was killed', async () => {
    const reported: string[] = [];
    const { uri } = await start({ keepRunning: true, report: (message) => reported.push(message) });
    await write(uri, 'kept');
    const orphan = await mongodPid(dataDir);
    process.kill((await findProcess(orphan))?.parent ?? 0, 'SIGKILL');

    await until(async () => reported.includes('The database runs again.'));
    expect(await isRunning(orphan)).toBe(false);
    expect(await read(uri)).toEqual(['kept']);
  });

  it('leaves no process when it is stopped after a restart', async () => {
    const before = new Set((await descendantsOf(process.pid)).map(({ pid }) => pid));
    const reported: string[] = [];
    const mongo = await start({ keepRunning: true, report: (message) => reported.push(message) });
    process.kill(await mongodPid(dataDir), 'SIGKILL');
    await until(async () => reported.includes('The database runs again.'));
    await mongo.stop();
    expect((await descendantsOf(process.pid)).filter(({ pid }) => !before.has(pid))).toEqual([]);
  });
});

describe('a data folder in use', () => {
  it('is rejected with the process that uses it, which keeps working', async () => {
    const { owner, uri } = await startInProcess();

    await expect(start()).rejects.toThrow(`is in use by process ${owner.pid} (its mongod is pid`);
    await write(uri, 'undisturbed');
    expect(await read(uri)).toEqual(['undisturbed']);
  });

  it('goes to one of two processes that start at the same time', async () => {
    const outcomes = await Promise.allSettled([start(), start()]);

    expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(outcomes.find(({ status }) => status === 'rejected')).toMatchObject({
      reason: { message: expect.stringMatching(/in use by process|Another mongod instance is already running/) },
    });
  });

  it('is rejected if a foreign mongod uses it, which keeps running', async () => {
    await (await start()).stop();
    const foreign = await startForeign(['--dbpath', join(dataDir, 'db')]);

    await expect(start()).rejects.toThrow(`that Lectern did not start (pid ${foreign.pid})`);
    expect(await isRunning(foreign.pid)).toBe(true);
  });
});

describe('the shutdown', () => {
  it('is clean when Ctrl-C reaches every process of the terminal', async () => {
    const { owner, uri } = await startInProcess();
    await write(uri, 'kept');
    const mongod = await mongodPid(dataDir);
    process.kill(-(owner.pid ?? 0), 'SIGINT');

    expect(await once(owner, 'exit')).toEqual([0, null]);
    expect(await isRunning(mongod)).toBe(false);
    // A clean shutdown empties the lock last. The log names the signal.
    expect((await stat(join(dataDir, 'db', 'mongod.lock'))).size).toBe(0);
    const log = await readFile(join(dataDir, 'mongod.log'), 'utf8');
    expect(log).toContain('"signal":15');
    expect(log).not.toContain('"signal":2,');
  });

  it('follows the death of the owner, and removes temporary data', async () => {
    const { owner, uri } = await startInProcess({ temporary: true });
    const { pid, dbPath } = await withClient(uri, async (client) => {
      const admin = client.db('admin');
      const { parsed } = await admin.command({ getCmdLineOpts: 1 });
      return { pid: (await admin.command({ serverStatus: 1 }))['pid'], dbPath: parsed.storage.dbPath };
    });
    await kill(owner);

    await until(async () => !(await isRunning(pid)) && !(await exists(join(dbPath, '..'))));
  });

  it('can be requested twice', async () => {
    const mongo = await start({ dataDir: undefined });
    await Promise.all([mongo.stop(), mongo.stop()]);
    await mongo.stop();
  });
});

describe('a start that cannot succeed', () => {
  it('names an address that does not belong to this machine', async () => {
    await expect(start({ bindAlso: ['203.0.113.1'] })).rejects.toThrow('mongod cannot listen on 203.0.113.1');
  });

  it("includes mongod's error and the path of its log", async () => {
    const failure = start({ cacheSizeGB: -1 });
    await expect(failure).rejects.toThrow(/did not start: it exited with code \d+\n.*cacheSizeGB must be/);
    await expect(failure).rejects.toThrow(`Its log is ${join(dataDir, 'mongod.log')}`);
  });
});

describe('a MONGODB_URI', () => {
  it('is used, and keeps running after the stop', async () => {
    const { uri } = await start({ dataDir: undefined });
    const external = await startMongo({ env: { ...env, MONGODB_URI: uri } });

    expect(external).toMatchObject({ uri, source: 'MONGODB_URI' });
    await external.stop();
    await write(uri, 'still there');
  });

  it('is rejected if it is a standalone server', async () => {
    await (await start()).stop();
    const { uri } = await startForeign(['--dbpath', join(dataDir, 'db')]);

    await expect(startMongo({ env: { MONGODB_URI: uri } })).rejects.toThrow('transactions need a replica set');
  });

  it('is rejected, with its password hidden, if nothing responds', async () => {
    const uri = `mongodb://ann:secret@127.0.0.1:${await freePort()}/`;
    const failure = startMongo({ env: { MONGODB_URI: uri } });

    await expect(failure).rejects.toThrow(/MONGODB_URI, mongodb:\/\/ann:\*\*\*@127.* cannot be used: .*ECONNREFUSED/);
    await expect(failure).rejects.not.toThrow('secret');
  });
});

async function start(options: Partial<MongoOptions> = {}): Promise<RunningMongo> {
  const mongo = await startMongo({ env, dataDir, ...options });
  started.push(mongo);
  return mongo;
}

/** Starts a server owned by another process, which leads a process group as in a terminal. */
async function startInProcess({ temporary = false } = {}): Promise<{ owner: ChildProcess; uri: string }> {
  const server = pathToFileURL(resolve('local/mongo/server.ts')).href;
  const script = `
    import { startMongo } from '${server}';
    const mongo = await startMongo({ env: process.env, dataDir: process.argv[1] });
    process.once('SIGINT', () => mongo.stop().then(() => process.exit(0)));
    console.log(mongo.uri);
    setInterval(() => undefined, 60_000);
  `;
  const args = ['--import', 'tsx', '--input-type=module', '-e', script, ...(temporary ? [] : [dataDir])];
  const owner = spawn(process.execPath, args, { env, detached: true, stdio: ['ignore', 'pipe', 'inherit'] });
  owners.push(owner);
  return { owner, uri: await firstLine(owner) };
}

/** Starts a mongod as a user might by hand. */
async function startForeign(args: readonly string[]): Promise<{ pid: number; uri: string }> {
  const { path } = await findMongod({ env, report: () => undefined });
  const port = await freePort();
  const mongod = spawn(path, [...args, '--port', String(port), '--nounixsocket'], { stdio: 'ignore' });
  owners.push(mongod);
  const uri = `mongodb://127.0.0.1:${port}/?directConnection=true`;
  await withClient(uri, (client) => client.db('admin').command({ ping: 1 }));
  return { pid: mongod.pid ?? 0, uri };
}

async function firstLine({ stdout }: ChildProcess): Promise<string> {
  if (stdout === null) throw new Error('the output of the process is not a pipe');
  for await (const line of createInterface({ input: stdout })) return line;
  throw new Error('the process ended without output');
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGKILL');
  await exited;
}

async function withClient<T>(uri: string, work: (client: MongoClient) => Promise<T>): Promise<T> {
  const client = new MongoClient(uri, { runtimeAdapters: { os } });
  try {
    return await work(client);
  } finally {
    await client.close();
  }
}

async function write(uri: string, text: string): Promise<void> {
  await withClient(uri, (client) =>
    client
      .db('test')
      .collection('notes')
      .insertOne({ text }, { writeConcern: { w: 'majority', journal: true } }),
  );
}

function read(uri: string): Promise<string[]> {
  return withClient(uri, async (client) => {
    const notes = client.db('test').collection<{ text: string }>('notes');
    return (await notes.find().sort({ _id: 1 }).toArray()).map((note) => note.text);
  });
}

async function mongodPid(folder: string): Promise<number> {
  return Number.parseInt(await readFile(join(folder, 'db', 'mongod.lock'), 'utf8').catch(() => ''), 10) || 0;
}

async function isRunning(pid: number): Promise<boolean> {
  return pid !== 0 && (await findProcess(pid)) !== undefined;
}

function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

/** Has no timeout of its own: Jest's ends the wait. */
async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await wait(20);
}

function portOf(uri: string): number {
  return Number(new URL(uri).port);
}
