import { randomUUID } from 'node:crypto';
import { seededRandom } from '../support/progress/seeded-random.ts';
import { type HttpLearner, registerLearner } from '../support/system/client.ts';
import { useDatabaseBehindLine } from '../support/system/own-database.ts';
import { useSystemOn } from '../support/system/system.ts';

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

/** What the functions logged, to explain an answer that is not expected. */
const logged: unknown[] = [];
const { system, database } = useSystemOn(useDatabaseBehindLine, { log: (entry) => logged.push(entry) });

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

describe('an acknowledged event', () => {
  it('survives when mongod is killed at any moment', async () => {
    const random = seededRandom(Date.now());
    const learner = await registerLearner(system().apiUrl, `kill-${randomUUID()}@example.com`);
    let reached = DEVICES.map(() => 0);
    for (let round = 0; round < ROUNDS; round += 1) {
      const kill = await database.killer();
      let left = 5 + random.below(60);
      const count = () => {
        left -= 1;
        if (left === 0) kill();
      };
      const outcomes = await Promise.all(
        DEVICES.map((device, index) => learnUntilFailure(learner, device, (reached[index] ?? 0) + 1, count)),
      );
      await database.stop();
      await database.start();

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
