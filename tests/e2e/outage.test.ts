import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { type RunningMongo, startMongo } from '../../local/mongo/server.ts';
import { type System, startSystem } from '../../local/system.ts';
import { withDatabase } from '../../tools/platform/mongo-uri.ts';

const root = path.resolve(import.meta.dirname, '../..');

let folder: string;
let mongo: RunningMongo;
let system: System;

const startDatabase = () => startMongo({ env: withoutUri(process.env), dataDir: path.join(folder, 'mongo') });

/** Its own database, because this test stops it. */
function withoutUri(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return { ...env, MONGODB_URI: undefined };
}

async function get(route: string) {
  const response = await fetch(`${system.apiUrl}${route}`);
  const body = (await response.json()) as Record<string, unknown>;
  return { status: response.status, headers: Object.fromEntries(response.headers), body };
}

beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'lectern-outage-'));
  mongo = await startDatabase();
  system = await startSystem({
    root,
    dataDir: path.join(folder, 'data'),
    functionsDir: path.join(folder, 'functions'),
    port: 0,
    env: { ...process.env, MONGODB_URI: withDatabase(mongo.uri, 'lectern') },
    report: () => undefined,
    log: () => undefined,
  });
}, 60_000);

afterAll(async () => {
  await system.stop();
  await mongo.stop();
  await rm(folder, { recursive: true });
}, 60_000);

it('answers from the cache while the database is away, `unavailable` otherwise, and recovers without a restart', async () => {
  const cached = '/courses/writing-that-teaches';
  const uncached = [
    '/courses',
    '/courses?q=sound',
    '/courses/listening-to-the-world',
    '/courses/writing-that-teaches/previews/one-lesson-one-promise',
  ];
  expect(await get(cached)).toMatchObject({ status: 200, headers: { 'x-cache': 'miss' } });

  await mongo.stop();

  for (const answer of await Promise.all(uncached.map(get))) {
    expect(answer).toMatchObject({
      status: 503,
      headers: { 'content-type': 'application/problem+json', 'retry-after': '2' },
      body: { code: 'unavailable', type: 'urn:lectern:problem:unavailable', requestId: expect.any(String) },
    });
    expect(answer.headers).not.toHaveProperty('x-cache');
  }
  expect(await get(cached)).toMatchObject({ status: 200, headers: { 'x-cache': 'hit' } });

  mongo = await startDatabase();

  // No failure was cached: the first answers after the outage are cache misses, and succeed.
  for (const route of uncached) expect(await get(route)).toMatchObject({ status: 200, headers: { 'x-cache': 'miss' } });
}, 60_000);
