import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { MongoClient } from 'mongodb';
import { type RunningMongo, startMongo } from '../../local/mongo/server.ts';
import { type System, startSystem } from '../../local/system.ts';
import { CLIENT_OPTIONS } from '../../shared/db/client.ts';
import { type DatabaseLine, openDatabaseLine } from '../support/attack-database-line.ts';
import { type HttpLearner, registerLearner } from '../support/learner-over-http.ts';
import { seededRandom } from '../support/seeded-random.ts';

/* Kills mongod during writes, again and again. Every acknowledged event must still be there. */

const ROUNDS = Number(process.env['LECTERN_KILL_ROUNDS'] ?? 3);
const WRITING = 'writing-that-teaches';
const LISTENING = 'listening-to-the-world';
/** The lessons that one device reports together: one by its own route, several in a batch. */
const DEVICES = [
  [{ courseId: WRITING, lessonId: 'one-lesson-one-promise' }],
  [{ courseId: WRITING, lessonId: 'know-your-reader' }],
  [
    { courseId: WRITING, lessonId: 'plain-sentences' },
    { courseId: LISTENING, lessonId: 'what-a-sound-is' },
  ],
  [
    { courseId: WRITING, lessonId: 'examples-first' },
    { courseId: LISTENING, lessonId: 'inside-the-ear' },
  ],
] as const;
type Device = (typeof DEVICES)[number];
/** Positions are multiples of this, so that each step is recognisable and none completes a lesson. */
const STEP = 1 / 100_000;

let folder: string;
let mongo: RunningMongo;
let line: DatabaseLine;
let system: System;
/** What the functions logged, to explain an answer that is not expected. */
const logged: unknown[] = [];

async function startDatabase(): Promise<void> {
  mongo = await startMongo({ env: { ...process.env, MONGODB_URI: undefined }, dataDir: path.join(folder, 'mongo') });
  line.leadTo(Number(new URL(mongo.uri).port));
}

/** The process to kill, looked up before the load starts, so that killing it waits for nothing. */
async function databaseProcess(): Promise<number> {
  const client = new MongoClient(mongo.uri, CLIENT_OPTIONS);
  try {
    const { pid } = await client.db('admin').command({ serverStatus: 1 });
    return Number(pid);
  } finally {
    await client.close();
  }
}

beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'lectern-durability-'));
  line = await openDatabaseLine();
  await startDatabase();
  system = await startSystem({
    root: path.resolve(import.meta.dirname, '../..'),
    dataDir: path.join(folder, 'data'),
    functionsDir: path.join(folder, 'functions'),
    port: 0,
    env: { ...process.env, MONGODB_URI: `mongodb://127.0.0.1:${line.port}/lectern?directConnection=true` },
    report: () => undefined,
    log: (entry) => logged.push(entry),
  });
}, 60_000);

afterAll(async () => {
  await system.stop();
  await line.close();
  await mongo.stop();
  await rm(folder, { recursive: true });
}, 60_000);

/** Sends one step of a device, and returns the result of each event. Null if there was no answer. */
async function report(learner: HttpLearner, device: Device, step: number): Promise<readonly string[] | null> {
  const occurredAt = new Date().toISOString();
  const events = device.map((lesson) => ({ ...lesson, eventId: randomUUID(), occurredAt, position: step * STEP }));
  const [{ courseId, lessonId, ...event }] = events as [(typeof events)[number]];
  const { status, body } =
    device.length === 1
      ? await learner.request('PUT', `/progress/${courseId}/lessons/${lessonId}`, event)
      : await learner.request('POST', '/progress/sync', { sentAt: occurredAt, events });
  if (status === 200) return (body.results ?? [body]).map((result: { status: string }) => result.status);
  const ofRequest = logged.filter((entry) => JSON.stringify(entry).includes(body.requestId));
  expect({ status, code: body.code, log: ofRequest }).toEqual({ status: 503, code: 'unavailable', log: ofRequest });
  return null;
}

/** Continues until a write fails, and returns the last acknowledged step. */
async function learnUntilFailure(
  learner: HttpLearner,
  device: Device,
  from: number,
  onAcknowledged: () => void,
): Promise<{ readonly acknowledged: number; readonly tried: number }> {
  for (let step = from; ; step += 1) {
    const statuses = await report(learner, device, step);
    if (statuses === null) return { acknowledged: step - 1, tried: step };
    expect(statuses).toEqual(device.map(() => 'applied'));
    onAcknowledged();
  }
}

/** The last stored step of each lesson of a course, read as soon as the database is back. */
async function stepsKept(learner: HttpLearner, courseId: string): Promise<ReadonlyMap<string, number>> {
  let answer = await learner.request('GET', `/progress/${courseId}`);
  while (answer.status === 503) answer = await learner.request('GET', `/progress/${courseId}`);
  const lessons: { lessonId: string; position: number }[] = answer.status === 404 ? [] : answer.body.lessons;
  return new Map(lessons.map(({ lessonId, position }) => [lessonId, Math.round(position / STEP)]));
}

describe('what a device was told is taken', () => {
  it('is there after mongod was killed, at any moment', async () => {
    const random = seededRandom(Date.now());
    const learner = await registerLearner(system.apiUrl, `kill-${randomUUID()}@example.com`);
    let reached = DEVICES.map(() => 0);
    for (let round = 0; round < ROUNDS; round += 1) {
      const pid = await databaseProcess();
      let left = 5 + random.below(60);
      const count = () => {
        left -= 1;
        if (left === 0) process.kill(pid, 'SIGKILL');
      };
      const outcomes = await Promise.all(
        DEVICES.map((device, index) => learnUntilFailure(learner, device, (reached[index] ?? 0) + 1, count)),
      );
      await mongo.stop();
      await startDatabase();

      const kept = new Map([...(await stepsKept(learner, WRITING)), ...(await stepsKept(learner, LISTENING))]);
      for (const [index, { acknowledged, tried }] of outcomes.entries()) {
        for (const { lessonId } of DEVICES[index] ?? []) {
          // A write without acknowledgement may or may not be there.
          expect([acknowledged, tried]).toContain(kept.get(lessonId) ?? 0);
        }
      }
      reached = outcomes.map(({ tried }) => tried);
    }
  }, 120_000);
});
