import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { descendantsOf, untilGone } from '../support/system/process-tree.ts';

const root = path.resolve(import.meta.dirname, '../..');

/** `npm start` as a user runs it, with its own data folder, in a process group as in a terminal. */
interface Running {
  readonly npm: ChildProcess;
  readonly output: () => string;
}

interface Started extends Running {
  readonly url: string;
}

let dataDir: string;
beforeAll(async () => {
  dataDir = await mkdtemp(path.join(os.tmpdir(), 'lectern-start-'));
});
afterAll(() => rm(dataDir, { recursive: true, force: true }));

function run(env: Readonly<Record<string, string | undefined>> = {}): Running {
  const npm = spawn('npm', ['start', '--', '--data-dir', dataDir], {
    cwd: root,
    detached: true,
    env: { ...process.env, MONGODB_URI: undefined, PORT: undefined, POWERTOOLS_LOG_LEVEL: undefined, ...env },
  });
  let output = '';
  npm.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  npm.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
  return { npm, output: () => output };
}

/** Waits until it prints its address. */
async function start(env?: Readonly<Record<string, string>>): Promise<Started> {
  const running = run(env);
  const { npm, output } = running;
  const ended = once(npm, 'exit').then(() => {
    throw new Error(`It ended before it ran:\n${output()}`);
  });
  const announced = new Promise<string>((resolve) => {
    npm.stdout?.on('data', () => {
      const [, url] = /Lectern runs at (\S+)/.exec(output()) ?? [];
      if (url !== undefined) resolve(url);
    });
  });
  const url = await Promise.race([announced, ended]);
  ended.catch(() => undefined);
  return { ...running, url };
}

/** Sends signals, and waits until npm and everything that it started has ended. Returns the exit code of npm. */
async function end({ npm }: Running, signal: (pids: Pids) => void): Promise<number | null> {
  const npmPid = npm.pid ?? 0;
  const started = await descendantsOf(npmPid);
  const systemPid = started.find(({ parent }) => parent === npmPid)?.pid ?? 0;
  const exited = once(npm, 'exit');
  signal({ npm: npmPid, system: systemPid, group: -npmPid });
  const [code] = (await exited) as [number | null];
  await untilGone(started.map(({ pid }) => pid));
  return code;
}

interface Pids {
  readonly npm: number;
  /** The one process that npm runs. */
  readonly system: number;
  /** All that a terminal sends its signals to. mongod is not among them. */
  readonly group: number;
}

const pressCtrlC = ({ group }: Pids) => process.kill(group, 'SIGINT');

async function getJson(url: string) {
  const response = await fetch(url);
  return {
    status: response.status,
    headers: response.headers,
    body: (await response.json()) as Record<string, unknown>,
  };
}

/** mongod empties its lock as the last thing of a clean shutdown. */
async function expectCleanShutdown(): Promise<void> {
  expect((await stat(path.join(dataDir, 'mongo/db/mongod.lock'))).size).toBe(0);
  await expect(stat(path.join(dataDir, 'running.json'))).rejects.toThrow('ENOENT');
}

describe('npm start', () => {
  it('serves the sample courses, and keeps its data through a stop and a kill', async () => {
    const first = await start();
    const { body } = await getJson(`${first.url}/courses?sort=title`);
    expect(body['items']).toMatchObject([
      { id: 'listening-to-the-world', formats: ['audio'], access: 'members', revision: 1 },
      { id: 'seeing-with-numbers', formats: ['article', 'video'], access: 'restricted', revision: 1 },
      { id: 'writing-that-teaches', formats: ['article'], access: 'public', revision: 1 },
    ]);
    expect(await end(first, pressCtrlC)).toBe(0);

    const second = await start();
    expect((await getJson(`${second.url}/courses/writing-that-teaches`)).body).toMatchObject({ revision: 1 });
    await end(second, ({ system }) => process.kill(system, 'SIGKILL'));

    const third = await start();
    expect((await getJson(`${third.url}/courses/writing-that-teaches`)).body).toMatchObject({ revision: 1 });
    await end(third, pressCtrlC);
  }, 240_000);

  // What the next one starts with is what this one has left.
  it.each<[string, (pids: Pids) => void]>([
    ['SIGTERM to npm, as supervisors and containers send it', ({ npm }) => process.kill(npm, 'SIGTERM')],
    ['SIGTERM to every process, as systemd sends it', ({ group }) => process.kill(group, 'SIGTERM')],
    ['SIGTERM to the system alone', ({ system }) => process.kill(system, 'SIGTERM')],
    ['Ctrl-C in its terminal', pressCtrlC],
  ])(
    'ends with all its processes on %s, and without an error',
    async (_, signal) => {
      const system = await start();
      expect(await end(system, signal)).toBe(0);
      await expectCleanShutdown();
    },
    120_000,
  );

  it.each<[string, (pids: Pids) => void]>([
    ['its terminal closes', ({ group }) => process.kill(group, 'SIGHUP')],
    ['npm is killed', ({ npm }) => process.kill(npm, 'SIGKILL')],
  ])(
    'ends with all its processes when %s',
    async (_, signal) => {
      await end(await start(), signal);
      await expectCleanShutdown();
    },
    120_000,
  );

  it('ends with all its processes on a SIGTERM while it starts', async () => {
    const starting = run();
    while (!(await descendantsOf(starting.npm.pid ?? 0)).some(({ command }) => command.includes('--dbpath'))) {
      await wait(20);
    }
    await end(starting, ({ npm }) => process.kill(npm, 'SIGTERM'));
    expect(await end(await start(), pressCtrlC)).toBe(0);
  }, 120_000);

  it('serves images and captions, and no media without a grant', async () => {
    const system = await start();
    const { body } = await getJson(`${system.url}/courses/seeing-with-numbers/previews/mean-and-median`);
    const [captions] = body['captions'] as [{ url: string }];
    const vtt = await fetch(captions.url);
    expect(vtt.headers.get('content-type')).toBe('text/vtt');
    expect(await vtt.text()).toMatch(/^WEBVTT/);
    const hostile = [
      '/',
      '/../secrets.json',
      '/courses/..%2f..%2fsecrets.json',
      '/secrets.json',
      `/courses/${'a'.repeat(300)}/47a70a09183ebbb936af906ea1395565.png`,
      '/courses/nothing/47a70a09183ebbb936af906ea1395565.png',
    ];
    for (const path of hostile) {
      expect((await fetch(new URL(path, captions.url))).status).toBe(403);
    }
    await end(system, pressCtrlC);
  }, 120_000);

  it('refuses to run twice on the same data, and prints the URL of the running system', async () => {
    const system = await start();
    const other = run();
    expect(await once(other.npm, 'exit')).toEqual([1, null]);
    expect(other.output()).toContain(`Lectern already runs on ${dataDir}: ${system.url}`);
    expect(JSON.parse(await readFile(path.join(dataDir, 'running.json'), 'utf8'))).toMatchObject({
      apiUrl: system.url,
    });
    await end(system, pressCtrlC);
  }, 120_000);

  it('names the port that is in use', async () => {
    const holder = spawn(process.execPath, [
      '-e',
      "require('net').createServer().listen(0,'127.0.0.1',function(){console.log(this.address().port)})",
    ]);
    const [chunk] = (await once(holder.stdout, 'data')) as [Buffer];
    const port = chunk.toString().trim();
    const { npm, output } = run({ PORT: port });
    expect(await once(npm, 'exit')).toEqual([1, null]);
    expect(output()).toContain(`Port ${port} is in use`);
    holder.kill();
  }, 60_000);
});
