import { randomUUID } from 'node:crypto';
import { publishCourse } from '../../shared/publishing/publish.ts';
import { type HttpLearner, registerLearner } from '../support/learner-over-http.ts';
import { buildAudio, buildLearnable } from '../support/progress.ts';
import { modelCourseCompletion, modelLesson, type TrueEvent } from '../support/progress-model.ts';
import { type SeededRandom, seededRandom } from '../support/seeded-random.ts';
import { useSystem } from '../support/system.ts';
import { privateKeyJwk, publicKeySet, signingKey } from '../support/tokens.ts';

/*
 * Many devices, with clocks that are hours off, on a network that loses replies, against the whole system over HTTP, and
 * beside a model that knows what truly happened. LECTERN_FUZZ_ROUNDS makes it longer, LECTERN_FUZZ_SEED another.
 */

const { system, db } = useSystem({
  secrets: {
    ACCESS_TOKEN_PRIVATE_KEY: privateKeyJwk(signingKey),
    ACCESS_TOKEN_PUBLIC_KEYS: publicKeySet(signingKey),
    REFRESH_KEY: 'a-refresh-key-for-tests-of-some-length',
    RATE_LIMIT_KEY: 'a-limits-key-for-tests-of-some-length',
  },
});

const ROUNDS = Number(process.env['LECTERN_FUZZ_ROUNDS'] ?? 6);
const FIRST_SEED = Number(process.env['LECTERN_FUZZ_SEED'] ?? 1);

const SECOND = 1000;
const HOUR = 3600 * SECOND;
/** What a request may take on a busy machine, and so what a corrected time may be off by. True times are further apart. */
const TOLERANCE_MS = 20 * SECOND;
const LESSONS = ['one', 'two', 'three'];
const COMPLETE_FROM = 95;

interface Device {
  readonly skewMs: number;
  queue: TrueEvent[];
}

/** Sends some of what a device has, in any order and some of it twice, by its clock; the reply may get lost. */
async function sync(learner: HttpLearner, device: Device, courseId: string, random: SeededRandom): Promise<void> {
  const chosen = random.shuffled(device.queue).slice(0, 1 + random.below(device.queue.length));
  const sent = random.chance(0.3) ? random.shuffled([...chosen, ...chosen.slice(0, 3)]) : chosen;
  const shown = (ms: number) => new Date(ms + device.skewMs).toISOString();
  const { status, body } = await learner.request('POST', '/progress/sync', {
    sentAt: shown(Date.now()),
    events: sent.map(({ atMs, ...event }) => ({ ...event, courseId, occurredAt: shown(atMs) })),
  });
  expect(status).toBe(200);
  expect(body.results.filter((result: { status: string }) => result.status === 'rejected')).toEqual([]);
  if (random.chance(0.4)) return;
  device.queue = device.queue.filter((event) => !chosen.includes(event));
}

async function expectModel(
  learner: HttpLearner,
  courseId: string,
  events: readonly TrueEvent[],
  lessonIds: readonly string[],
) {
  const { status, body } = await learner.request('GET', `/progress/${courseId}`);
  expect(status).toBe(200);
  const model = lessonIds.map((lessonId) => modelLesson(lessonId, events, COMPLETE_FROM));
  const near = (ms: number | null) => (ms === null ? null : expect.anything());
  for (const expected of model.filter(({ lessonId }) => events.some((event) => event.lessonId === lessonId))) {
    const { lessonId, position, furthest, completed, completedAtMs, firstCompletedAtMs } = expected;
    const lesson = body.lessons.find((each: { lessonId: string }) => each.lessonId === lessonId);
    expect(lesson).toMatchObject({
      position,
      furthest,
      completed,
      completedAt: near(completedAtMs),
      firstCompletedAt: near(firstCompletedAtMs),
    });
    expectNear(lesson.completedAt, completedAtMs);
    expectNear(lesson.firstCompletedAt, firstCompletedAtMs);
  }
  expect(body.lessonsCompleted).toBe(model.filter(({ completed }) => completed).length);
  return { body, completedAtMs: modelCourseCompletion(model) };
}

function expectNear(time: string | null, ms: number | null): void {
  if (time === null || ms === null) expect(time === null).toBe(ms === null);
  else expect(Math.abs(Date.parse(time) - ms)).toBeLessThan(TOLERANCE_MS);
}

async function fuzz(seed: number): Promise<void> {
  const random = seededRandom(seed);
  const courseId = `fuzz-${seed}`;
  await publishCourse(db(), buildLearnable({ id: courseId, lessons: LESSONS.map(buildAudio) }));
  const learner = await registerLearner(system().apiUrl, `fuzz-${seed}-${randomUUID()}@example.com`);
  const devices: Device[] = Array.from({ length: 5 }, () => ({
    skewMs: random.pick([0, 0, -9 * HOUR, 3 * HOUR, 26 * HOUR]),
    queue: [],
  }));
  // All of it happened in the hours before, a minute apart at the least.
  const happened: TrueEvent[] = Array.from({ length: 80 }, (_, index) => ({
    eventId: randomUUID(),
    lessonId: random.pick(LESSONS),
    atMs: Date.now() - (200 - index) * 60 * SECOND,
    ...(random.chance(0.8)
      ? { position: random.pick([0, 0.5, 30, 94, 95, 100, 104]) }
      : { completed: random.chance(0.7) }),
  }));
  for (const event of random.shuffled(happened)) random.pick(devices).queue.push(event);

  let since: string | undefined;
  while (devices.some(({ queue }) => queue.length > 0)) {
    const busy = devices.filter(({ queue }) => queue.length > 0);
    // Some at once, as devices are.
    await Promise.all(
      random
        .shuffled(busy)
        .slice(0, 3)
        .map((device) => sync(learner, device, courseId, random)),
    );
    if (random.chance(0.1)) system().gateway.reload('progress');
    if (random.chance(0.3)) {
      const { body } = await learner.request('GET', since === undefined ? '/progress' : `/progress?since=${since}`);
      since = body.cursor;
    }
  }
  const { body, completedAtMs } = await expectModel(learner, courseId, happened, LESSONS);
  expectNear(body.completedAt, completedAtMs);
  const feed = await learner.request('GET', since === undefined ? '/progress' : `/progress?since=${since}`);
  for (const item of feed.body.items) expect(item).toEqual(body);

  // A lesson goes and one comes: what was done in the others counts on.
  await publishCourse(db(), buildLearnable({ id: courseId, lessons: ['two', 'three', 'four'].map(buildAudio) }));
  const late = { eventId: randomUUID(), lessonId: 'four', atMs: Date.now() - 60 * SECOND, position: 97 };
  await sync(learner, { skewMs: -9 * HOUR, queue: [late] }, courseId, random);
  const after = await expectModel(learner, courseId, [...happened, late], ['two', 'three', 'four']);
  if (completedAtMs !== null) expectNear(after.body.completedAt, completedAtMs);

  // What is left is erased, and does not come back with what devices still hold.
  expect((await learner.request('DELETE', `/progress/${courseId}`)).status).toBe(204);
  await sync(learner, { skewMs: 3 * HOUR, queue: happened.slice(0, 40) }, courseId, random);
  expect((await learner.request('GET', `/progress/${courseId}`)).status).toBe(404);
  expect((await learner.request('PUT', `/progress/${courseId}`)).body).toMatchObject({
    lessons: [],
    lessonsCompleted: 0,
  });
}

describe('progress over HTTP', () => {
  it.each(Array.from({ length: ROUNDS }, (_, index) => FIRST_SEED + index))(
    'is what truly happened, whatever arrives when, how often and by which clock (seed %i)',
    fuzz,
    120_000,
  );
});
