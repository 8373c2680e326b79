import {
  openProgressQueue,
  type ProgressQueue,
  type QueuedEvent,
  type QueueOptions,
  SyncFailure,
} from '../../examples/clients/progress-queue.ts';
import { contract } from '../../functions/progress/contract.ts';
import { handler } from '../../functions/progress/handler.ts';
import { callerOf } from '../support/call.ts';
import { useClock } from '../support/clock.ts';
import { flakyNetwork, type Send } from '../support/flaky-network.ts';
import { buildLearnable, useProgress } from '../support/progress.ts';
import { modelLesson, type TrueEvent } from '../support/progress-model.ts';
import { type SeededRandom, seededRandom } from '../support/seeded-random.ts';
import { buildToken } from '../support/tokens.ts';

const progress = useProgress();
const SECOND = 1000;
const HOUR = 3600 * SECOND;
const ROUNDS = Number(process.env['LECTERN_FUZZ_ROUNDS'] ?? 12);

const clock = useClock();

/** The progress function behind `fetch`. */
const call = callerOf(handler, contract);
const server: Send = async (url, { method = 'GET', headers, body }) => {
  const { pathname, searchParams } = new URL(url);
  const { status, body: answer } = await call(`${method} ${pathname.replace('/v1', '')}`, {
    query: Object.fromEntries(searchParams),
    headers: headers as Record<string, string>,
    ...(typeof body === 'string' && { body }),
  });
  return new Response(answer === undefined ? null : JSON.stringify(answer), { status });
};

/** What a crash throws; whatever was running is then abandoned. */
class Crash extends Error {}

/** A text that is kept when the app is not; it may crash before or after it is saved. */
function memory(crashes: () => boolean) {
  let text: string | null = null;
  return {
    load: async () => text,
    save: async (next: string) => {
      if (crashes()) throw new Crash();
      text = next;
      if (crashes()) throw new Crash();
    },
  };
}

const never = () => false;
let ids = 0;
const newId = () => `00000000-0000-4000-8000-${(++ids).toString(16).padStart(12, '0')}`;

function open(options: Partial<QueueOptions> = {}): Promise<ProgressQueue> {
  return openProgressQueue({
    baseUrl: 'http://lectern.test/v1',
    accessToken: async () => buildToken(),
    storage: memory(never),
    fetch: server,
    monotonic: () => Date.now(),
    newId,
    ...options,
  });
}

/** A device of the learner: its queue is lost when it crashes, and opened again from what was stored. */
class Device {
  readonly rejected: QueuedEvent[] = [];
  readonly recorded: TrueEvent[] = [];
  readonly random: SeededRandom;
  skewMs: number;
  calm = false;
  #queue: ProgressQueue | undefined;
  #lastId = '';
  readonly #storage = memory(() => !this.calm && this.random.chance(0.05));
  readonly #send: Send;

  constructor(random: SeededRandom) {
    this.random = random;
    this.skewMs = random.pick([0, 0, -5 * HOUR, 7 * HOUR]);
    const flaky = flakyNetwork(server, random);
    this.#send = async (url, init) => {
      if (!this.calm && random.chance(0.05)) throw new Crash();
      return this.calm ? server(url, init) : flaky(url, init);
    };
  }

  async queue(): Promise<ProgressQueue> {
    this.#queue ??= await open({
      storage: this.#storage,
      fetch: this.#send,
      now: () => Date.now() + this.skewMs,
      onRejected: (event) => this.rejected.push(event),
      newId: () => {
        this.#lastId = newId();
        return this.#lastId;
      },
    });
    return this.#queue;
  }

  /** What the app was doing fails or crashes; after a crash it starts anew. */
  async attempt(work: (queue: ProgressQueue) => Promise<void>): Promise<boolean> {
    const queue = await this.queue();
    try {
      await work(queue);
      return true;
    } catch (error) {
      const crashed = error instanceof Crash || (error instanceof SyncFailure && error.cause instanceof Crash);
      if (!crashed && !(error instanceof SyncFailure)) throw error;
      if (crashed) this.#queue = undefined;
      return false;
    }
  }

  async record(fact: Omit<TrueEvent, 'eventId' | 'atMs'>): Promise<void> {
    const atMs = Date.now();
    const kept = await this.attempt((queue) => queue.record({ courseId: 'sound', ...fact }));
    // After a crash it is not known whether it was stored: only the queue itself can tell.
    const stored = kept || ((await this.#storage.load()) ?? '').includes(this.#lastId);
    if (stored) this.recorded.push({ ...fact, eventId: this.#lastId, atMs });
  }
}

async function survive(seed: number): Promise<void> {
  const random = seededRandom(seed);
  const devices = Array.from({ length: 3 }, () => new Device(random));
  for (let step = 0; step < 60; step += 1) {
    clock.advance(5 + random.below(20));
    const device = random.pick(devices);
    const lessonId = random.pick(['one', 'two', 'three']);
    const what = random.below(10);
    if (what < 6) {
      await device.record({
        lessonId,
        ...(random.chance(0.8)
          ? { position: random.pick([0, 3, 40, 80, 96, 100]) }
          : { completed: random.chance(0.6) }),
      });
    } else if (what < 9) await device.attempt((queue) => queue.sync());
    else await device.attempt((queue) => queue.pull());
  }
  for (const device of devices) device.calm = true;
  for (const device of devices) await device.attempt((queue) => queue.sync());
  for (const device of devices) await device.attempt((queue) => queue.pull());

  const events = devices.flatMap(({ recorded }) => recorded);
  const { body } = await progress.call('GET /progress/{courseId}', { courseId: 'sound' });
  for (const lessonId of ['one', 'two', 'three']) {
    const { position, furthest, completed } = modelLesson(lessonId, events, 95);
    const expected = { lessonId, position, furthest, completed };
    if (events.some((event) => event.lessonId === lessonId)) {
      expect(body.lessons.find((lesson: TrueEvent) => lesson.lessonId === lessonId)).toMatchObject(expected);
    }
    for (const device of devices) expect((await device.queue()).lesson('sound', lessonId)).toMatchObject(expected);
  }
  expect(devices.map(({ rejected }) => rejected)).toEqual(devices.map(() => []));
}

describe('the progress queue', () => {
  it.each(Array.from({ length: ROUNDS }, (_, index) => index + 1))(
    'loses nothing and takes nothing twice, on any network, by any clock, through any crash (seed %i)',
    survive,
    60_000,
  );

  it('keeps an event before it is sent, and forgets it when it is answered', async () => {
    const storage = memory(never);
    const queue = await open({ storage });
    await queue.record({ courseId: 'sound', lessonId: 'one', position: 12 });
    expect(await storage.load()).toContain('"position":12');
    expect(queue.lesson('sound', 'one')).toMatchObject({ position: 12 });
    await queue.sync();
    expect(queue.pending()).toBe(0);
    expect((await open({ storage })).lesson('sound', 'one')).toMatchObject({ position: 12, furthest: 12 });
  });

  it('puts events in the order they happened though the clock was set back in between', async () => {
    let skew = 5 * HOUR;
    const queue = await open({ now: () => Date.now() + skew });
    await queue.record({ courseId: 'sound', lessonId: 'one', position: 10 });
    clock.advance(10);
    skew = -2 * HOUR;
    await queue.record({ courseId: 'sound', lessonId: 'one', position: 20 });
    clock.advance(1);
    await queue.sync();
    expect(queue.lesson('sound', 'one')).toMatchObject({
      position: 20,
      updatedAt: new Date(Date.now() - SECOND).toISOString(),
    });
  });

  it('hands a rejected event to the app, and goes on with the others', async () => {
    const rejected: unknown[] = [];
    const queue = await open({ onRejected: ({ lessonId }, problem) => rejected.push([lessonId, problem]) });
    await queue.record({ courseId: 'sound', lessonId: 'nothing', position: 10 });
    await queue.record({ courseId: 'sound', lessonId: 'one', position: 20 });
    await queue.sync();
    expect(rejected).toEqual([['nothing', expect.objectContaining({ code: 'not-found' })]]);
    expect([queue.pending(), queue.lesson('sound', 'one').position]).toEqual([0, 20]);
  });

  it('sends more than the server takes at once in parts', async () => {
    const sizes: number[] = [];
    const queue = await open({
      fetch: (url, init) => {
        sizes.push(JSON.parse(String(init.body)).events.length);
        return server(url, init);
      },
    });
    for (let index = 0; index < 501; index += 1)
      await queue.record({ courseId: 'sound', lessonId: 'one', position: index / 10 });
    await queue.sync();
    expect([sizes, queue.lesson('sound', 'one').position]).toEqual([[500, 1], 50]);
  });

  it('finds the one event that a whole batch is refused for', async () => {
    const rejected: QueuedEvent[] = [];
    const queue = await open({
      onRejected: (event) => rejected.push(event),
      fetch: (url, init) =>
        String(init.body).includes('"position":3')
          ? Promise.resolve(new Response('{}', { status: 413 }))
          : server(url, init),
    });
    for (const position of [1, 2, 3, 4, 5]) await queue.record({ courseId: 'sound', lessonId: 'one', position });
    await queue.sync();
    expect([rejected.map(({ position }) => position), queue.pending(), queue.lesson('sound', 'one').position]).toEqual([
      [3],
      0,
      5,
    ]);
  });

  it('asks for a new token once, and then for the learner', async () => {
    const asked: boolean[] = [];
    const queue = await open({
      accessToken: async (renewed) => {
        asked.push(renewed);
        return 'not a token';
      },
    });
    await queue.record({ courseId: 'sound', lessonId: 'one', position: 1 });
    await expect(queue.sync()).rejects.toThrow('sign in again');
    expect([asked, queue.pending()]).toEqual([[false, true], 1]);
  });

  it('tries again ever more rarely, or when the server says', async () => {
    const delays: number[] = [];
    let due: (() => void) | undefined;
    const answers = [
      new Response(null, { status: 503 }),
      new Response(null, { status: 503, headers: { 'Retry-After': '60' } }),
    ];
    let failed: () => void = () => undefined;
    const queue = await open({
      random: () => 1,
      schedule: (callback, delayMs) => {
        delays.push(delayMs);
        due = callback;
        failed();
        return () => undefined;
      },
      fetch: async () => answers.shift() ?? new Response(null, { status: 500 }),
    });
    queue.start();
    await queue.record({ courseId: 'sound', lessonId: 'one', position: 1 });
    for (let failures = 0; failures < 4; failures += 1) {
      await new Promise<void>((resolve) => {
        failed = resolve;
        due?.();
      });
    }
    queue.stop();
    expect(delays).toEqual([0, 1000, 60_000, 4000, 8000]);
    expect(queue.pending()).toBe(1);
  });

  it('forgets the progress of a course that was left on another device', async () => {
    const queue = await open();
    await queue.record({ courseId: 'sound', lessonId: 'one', position: 10 });
    await queue.sync();
    await queue.pull();
    await progress.publish(buildLearnable());
    await progress.call('DELETE /progress/{courseId}', { courseId: 'sound' });
    await queue.pull();
    expect(queue.lesson('sound', 'one')).toMatchObject({ position: 0, updatedAt: null });
  });
});
