import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { startScript } from '../support/system/script.ts';

/** `npm start` as a user runs it, with its own data folder. */
interface Started {
  readonly url: string;
  readonly process: ChildProcess;
  readonly output: () => string;
}

let dataDir: string;
beforeAll(async () => {
  dataDir = await mkdtemp(path.join(os.tmpdir(), 'lectern-start-'));
});
afterAll(() => rm(dataDir, { recursive: true, force: true }));

function run(env?: Readonly<Record<string, string>>): { process: ChildProcess; output: () => string } {
  const child = startScript('local/start.ts', ['--data-dir', dataDir], env);
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
  return { process: child, output: () => output };
}

/** Waits until it prints its address. */
async function start(env?: Readonly<Record<string, string>>): Promise<Started> {
  const { process: child, output } = run(env);
  const ended = once(child, 'exit').then(() => {
    throw new Error(`It ended before it ran:\n${output()}`);
  });
  const announced = new Promise<string>((resolve) => {
    child.stdout?.on('data', () => {
      const [, url] = /Lectern runs at (\S+)/.exec(output()) ?? [];
      if (url !== undefined) resolve(url);
    });
  });
  const url = await Promise.race([announced, ended]);
  ended.catch(() => undefined);
  return { url, process: child, output };
}

async function end({ process: child }: Started, signal: NodeJS.Signals): Promise<number | null> {
  child.kill(signal);
  const [code] = (await once(child, 'exit')) as [number | null];
  return code;
}

async function getJson(url: string) {
  const response = await fetch(url);
  return {
    status: response.status,
    headers: response.headers,
    body: (await response.json()) as Record<string, unknown>,
  };
}

describe('npm start', () => {
  it('serves the sample courses, stops on Ctrl-C, and keeps its data through a stop and a kill', async () => {
    const first = await start();
    const { body } = await getJson(`${first.url}/courses?sort=title`);
    expect(body['items']).toMatchObject([
      { id: 'listening-to-the-world', formats: ['audio'], access: 'members', revision: 1 },
      { id: 'seeing-with-numbers', formats: ['article', 'video'], access: 'restricted', revision: 1 },
      { id: 'writing-that-teaches', formats: ['article'], access: 'public', revision: 1 },
    ]);
    expect(await end(first, 'SIGINT')).toBe(0);

    const second = await start();
    expect((await getJson(`${second.url}/courses/writing-that-teaches`)).body).toMatchObject({ revision: 1 });
    await end(second, 'SIGKILL');

    const third = await start();
    expect((await getJson(`${third.url}/courses/writing-that-teaches`)).body).toMatchObject({ revision: 1 });
    expect(await end(third, 'SIGTERM')).toBe(0);
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
    await end(system, 'SIGINT');
  }, 120_000);

  it('refuses to run twice on the same data, and prints the URL of the running system', async () => {
    const system = await start();
    const other = run();
    expect(await once(other.process, 'exit')).toEqual([1, null]);
    expect(other.output()).toContain(`Lectern already runs on ${dataDir}: ${system.url}`);
    expect(JSON.parse(await readFile(path.join(dataDir, 'running.json'), 'utf8'))).toMatchObject({
      apiUrl: system.url,
    });
    await end(system, 'SIGINT');
  }, 120_000);

  it('names the port that is in use', async () => {
    const holder = spawn(process.execPath, [
      '-e',
      "require('net').createServer().listen(0,'127.0.0.1',function(){console.log(this.address().port)})",
    ]);
    const [chunk] = (await once(holder.stdout, 'data')) as [Buffer];
    const port = chunk.toString().trim();
    const { process: child, output } = run({ PORT: port });
    expect(await once(child, 'exit')).toEqual([1, null]);
    expect(output()).toContain(`Port ${port} is in use`);
    holder.kill();
  }, 60_000);
});
