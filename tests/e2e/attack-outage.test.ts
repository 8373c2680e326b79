import { mkdtemp, rm } from 'node:fs/promises';
import http from 'node:http';
import os from 'node:os';
import path from 'node:path';
import { MongoClient } from 'mongodb';
import { type RunningMongo, startMongo } from '../../local/mongo/server.ts';
import { type System, startSystem } from '../../local/system.ts';
import { CLIENT_OPTIONS } from '../../shared/db/client.ts';
import { type DatabaseLine, openDatabaseLine } from '../support/attack-database-line.ts';

const root = path.resolve(import.meta.dirname, '../..');

let folder: string;
let mongo: RunningMongo;
let line: DatabaseLine;
let system: System;

/** Its own database, because the test kills it. The data stay. */
async function startDatabase(): Promise<void> {
  mongo = await startMongo({ env: { ...process.env, MONGODB_URI: undefined }, dataDir: path.join(folder, 'mongo') });
  line.leadTo(Number(new URL(mongo.uri).port));
}

/** Queries the database directly, not through the line. */
async function ask<T>(question: (client: MongoClient) => Promise<T>): Promise<T> {
  const client = new MongoClient(mongo.uri, CLIENT_OPTIONS);
  try {
    return await question(client);
  } finally {
    await client.close();
  }
}

/** Without a chance to write anything, as when its machine loses power. */
async function killDatabase(): Promise<void> {
  const { pid } = await ask((client) => client.db('admin').command({ serverStatus: 1 }));
  process.kill(Number(pid), 'SIGKILL');
}

beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'lectern-attack-outage-'));
  line = await openDatabaseLine();
  await startDatabase();
  system = await startSystem({
    root,
    dataDir: path.join(folder, 'data'),
    functionsDir: path.join(folder, 'functions'),
    port: 0,
    env: { ...process.env, MONGODB_URI: `mongodb://127.0.0.1:${line.port}/lectern?directConnection=true` },
    report: () => undefined,
    log: () => undefined,
  });
}, 60_000);

afterAll(async () => {
  await system.stop();
  await line.close();
  await mongo.stop();
  await rm(folder, { recursive: true });
}, 60_000);

interface Pair {
  readonly accessToken: string;
  readonly refreshToken: string;
}

async function post(route: string, body: unknown) {
  const headers = { 'Content-Type': 'application/json' };
  const response = await fetch(`${system.apiUrl}${route}`, { method: 'POST', headers, body: JSON.stringify(body) });
  const { tokens, code } = (await response.json()) as { readonly tokens?: Pair; readonly code?: string };
  return { status: response.status, code, tokens };
}

const refresh = (refreshToken: string) => post('/auth/refresh', { refreshToken });

let count = 0;
async function newSession(): Promise<Pair> {
  const account = { email: `learner-${++count}@example.com`, password: 'seven swans a-swimming', name: 'Ada' };
  const { tokens } = await post('/auth/register', account);
  return tokens ?? fail();
}

function fail(): never {
  throw new Error('There are no tokens in the answer');
}

/** How often the session's refresh token was rotated, as stored. */
async function renewals({ refreshToken }: Pair): Promise<unknown> {
  const [_id = ''] = refreshToken.split('.');
  const sessions = (client: MongoClient) => client.db('lectern').collection<{ _id: string }>('sessions');
  const session = await ask((client) => sessions(client).findOne({ _id }));
  return (session as { generation?: unknown } | null)?.generation;
}

async function expectWorking(pair: Pair): Promise<void> {
  const headers = { Authorization: `Bearer ${pair.accessToken}` };
  expect((await fetch(`${system.apiUrl}/auth/me`, { headers })).status).toBe(200);
  expect(await refresh(pair.refreshToken)).toMatchObject({ status: 200 });
}

describe('a refresh that is written and whose reply is lost', () => {
  it('because the database is killed in between: is unavailable, and tried again gives a pair that works', async () => {
    const pair = await newSession();
    const lost = line.loseReplyToUpdateOf('sessions', killDatabase);
    const [answer] = await Promise.all([refresh(pair.refreshToken), lost]);
    expect(answer).toMatchObject({ status: 503, code: 'unavailable' });

    await mongo.stop();
    await startDatabase();
    expect(await renewals(pair)).toBe(1);

    const again = await refresh(pair.refreshToken);
    expect(again.status).toBe(200);
    expect(await renewals(pair)).toBe(1);
    await expectWorking(again.tokens ?? fail());
  }, 60_000);

  it('because the connection of the database is cut: is not written twice, and its answer is a pair that works', async () => {
    const pair = await newSession();
    const [answer] = await Promise.all([refresh(pair.refreshToken), line.loseReplyToUpdateOf('sessions')]);
    expect(answer.status).toBe(200);
    expect(await renewals(pair)).toBe(1);
    await expectWorking(answer.tokens ?? fail());
  }, 60_000);

  it('because the learner’s connection is cut: tried again gives a pair that works', async () => {
    const pair = await newSession();
    const request = http.request(`${system.apiUrl}/auth/refresh`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
    });
    const broken = new Promise((resolve) => request.once('error', resolve));
    const written = line.loseReplyToUpdateOf('sessions', async () => void request.destroy());
    request.end(JSON.stringify({ refreshToken: pair.refreshToken }));
    await Promise.all([broken, written]);
    expect(await renewals(pair)).toBe(1);

    const again = await refresh(pair.refreshToken);
    expect(again.status).toBe(200);
    expect(await renewals(pair)).toBe(1);
    await expectWorking(again.tokens ?? fail());
  }, 60_000);
});
