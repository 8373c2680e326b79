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

/* mongod is killed in the middle of writes, again and again: whatever a device was told is taken is there afterwards. */

const ROUNDS = Number(process.env['LECTERN_KILL_ROUNDS'] ?? 3);
const COURSE = 'writing-that-teaches';
const LESSONS = ['one-lesson-one-promise', 'know-your-reader', 'plain-sentences', 'examples-first'];

let folder: string;
let mongo: RunningMongo;
let line: DatabaseLine;
let system: System;

async function startDatabase(): Promise<void> {
  mongo = await startMongo({ env: { ...process.env, MONGODB_URI: undefined }, dataDir: path.join(folder, 'mongo') });
  line.leadTo(Number(new URL(mongo.uri).port));
}

/** The process that is killed, asked for before the load, so that killing it waits for nothing. */
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
    log: () => undefined,
  });
}, 60_000);

afterAll(async () => {
  await system.stop();
  await line.close();
  await mongo.stop();
  await rm(folder, { recursive: true });
}, 60_000);

/** Goes on until a write fails, and answers the last position that was acknowledged. */
async function learnUntilFailure(
  learner: HttpLearner,
  lessonId: string,
  from: number,
  acknowledged: () => void,
): Promise<{ readonly acknowledged: number; readonly tried: number }> {
  for (let step = from; ; step += 1) {
    const { status, body } = await learner.request('PUT', `/progress/${COURSE}/lessons/${lessonId}`, {
      eventId: randomUUID(),
      occurredAt: new Date().toISOString(),
      position: step / 100_000,
    });
    if (status !== 200) {
      expect([status, body.code]).toEqual([503, 'unavailable']);
      return { acknowledged: step - 1, tried: step };
    }
    acknowledged();
  }
}

describe('what a device was told is taken', () => {
  it('is there after mongod was killed, at any moment', async () => {
    const random = seededRandom(Date.now());
    const learner = await registerLearner(system.apiUrl, `kill-${randomUUID()}@example.com`);
    let reached = LESSONS.map(() => 0);
    for (let round = 0; round < ROUNDS; round += 1) {
      const pid = await databaseProcess();
      let left = 5 + random.below(60);
      const count = () => {
        left -= 1;
        if (left === 0) process.kill(pid, 'SIGKILL');
      };
      const outcomes = await Promise.all(
        LESSONS.map((lessonId, index) => learnUntilFailure(learner, lessonId, (reached[index] ?? 0) + 1, count)),
      );
      await mongo.stop();
      await startDatabase();

      let answer = await learner.request('GET', `/progress/${COURSE}`);
      while (answer.status === 503) answer = await learner.request('GET', `/progress/${COURSE}`);
      expect(answer.status).toBe(200);
      for (const [index, { acknowledged, tried }] of outcomes.entries()) {
        const lesson = answer.body.lessons.find((each: { lessonId: string }) => each.lessonId === LESSONS[index]);
        const found = Math.round((lesson?.position ?? 0) * 100_000);
        // What was not acknowledged may be there or not.
        expect([acknowledged, tried]).toContain(found);
      }
      reached = outcomes.map(({ tried }) => tried);
    }
  }, 120_000);
});
