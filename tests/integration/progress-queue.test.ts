import { randomUUID } from 'node:crypto';
import {
  openProgressQueue,
  type ProgressQueue,
  type QueuedEvent,
  type QueueOptions,
  type QueueStorage,
  SyncFailure,
} from '../../client/src/progress-queue.ts';
import { contract } from '../../functions/progress/contract.ts';
import { handler } from '../../functions/progress/handler.ts';
import { buildLearnable } from '../support/builders/progress.ts';
import { callerOf } from '../support/functions/call.ts';
import { useProgress } from '../support/functions/progress.ts';
import { useClock } from '../support/jest/clock.ts';
import { buildToken } from '../support/keys/access-tokens.ts';
import { type FlakyNetwork, flakyNetwork, type Send } from '../support/progress/flaky-network.ts';
import { modelLesson, type TrueEvent } from '../support/progress/model.ts';
import { type SeededRandom, seededRandom } from '../support/progress/seeded-random.ts';

const progress = useProgress();
const SECOND = 1000;
const HOUR = 3600 * SECOND;
const LESSONS = ['one', 'two', 'three'];
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

function memory(): QueueStorage {
  let text: string | null = null;
  return {
    load: async () => text,
    save: async (next) => {
      text = next;
    },
  };
}

function open(options: Partial<QueueOptions> = {}): Promise<ProgressQueue> {
  return openProgressQueue({
    baseUrl: 'http://lectern.test/v1',
    accessToken: async () => buildToken(),
    storage: memory(),
    fetch: server,
    monotonic: () => Date.now(),
    schedule: () => () => undefined,
    ...options,
  });
}

type Fact = Omit<TrueEvent, 'eventId' | 'atMs'>;

/** One run of the app on a device, until it crashes. */
interface Run {
  readonly queue: ProgressQueue;
  readonly crashed: Promise<void>;
}

/** A device of the learner. Its app crashes, and continues with what it has stored. */
class Device {
  readonly rejected: QueuedEvent[] = [];
  readonly #random: SeededRandom;
  readonly #network: FlakyNetwork;
  readonly #skewMs: number;
  readonly #storage = memory();
  /** The learner's actions, by the random part of the event id. */
  readonly #done = new Map<string, Omit<TrueEvent, 'eventId'>>();
  /** Ids of events that reached the storage or the server. The others were lost in a crash. */
  readonly #seen = new Set<string>();
  readonly #arrivals: Promise<Response>[] = [];
  #calm = false;
  #run: Run | undefined;
  #lastId = '';

  constructor(random: SeededRandom) {
    this.#random = random;
    this.#skewMs = random.pick([0, 0, -5 * HOUR, 7 * HOUR]);
    this.#network = flakyNetwork((url, init) => {
      this.#note(String(init.body));
      const arrival = server(url, init);
      this.#arrivals.push(arrival);
      return arrival;
    }, random);
  }

  async queue(): Promise<ProgressQueue> {
    return (await this.#running()).queue;
  }

  async #running(): Promise<Run> {
    this.#run ??= await this.#startApp();
    return this.#run;
  }

  async #startApp(): Promise<Run> {
    let crash: () => void = () => undefined;
    const crashed = new Promise<void>((resolve) => {
      crash = resolve;
    });
    let alive = true;
    /** After a crash, nothing continues. */
    const mayCrash = (): Promise<void> => {
      if (alive && (this.#calm || !this.#random.chance(0.04))) return Promise.resolve();
      alive = false;
      this.#run = undefined;
      crash();
      return new Promise(() => undefined);
    };
    const queue = await open({
      storage: {
        load: this.#storage.load,
        save: async (text) => {
          await mayCrash();
          this.#note(text);
          await this.#storage.save(text);
          await mayCrash();
        },
      },
      fetch: async (url, init) => {
        await mayCrash();
        const response = await (this.#calm ? server : this.#network.send)(url, init);
        await mayCrash();
        return response;
      },
      now: () => Date.now() + this.#skewMs,
      newId: () => {
        const id = randomUUID();
        this.#lastId = randomPart(id);
        return id;
      },
      onRejected: (event) => this.rejected.push(event),
    });
    return { queue, crashed };
  }

  #note(text: string): void {
    for (const [, eventId = ''] of text.matchAll(/"eventId":"([^"]*)"/g)) this.#seen.add(eventId);
  }

  /** Runs all of it concurrently, until a crash. */
  async attempt(...works: readonly ((queue: ProgressQueue) => Promise<void>)[]): Promise<void> {
    const { queue, crashed } = await this.#running();
    const attempts = works.map((work) =>
      work(queue).catch((error: unknown) => {
        if (this.#calm || !(error instanceof SyncFailure)) throw error;
      }),
    );
    await Promise.race([Promise.all(attempts), crashed]);
  }

  async record(queue: ProgressQueue, fact: Fact): Promise<void> {
    const recording = queue.record({ courseId: 'sound', ...fact });
    const id = this.#lastId;
    this.#done.set(id, { ...fact, atMs: Date.now() });
    await recording;
    expect([...this.#seen].map(randomPart)).toContain(id);
  }

  /** Delivers late requests, and sends the queue over a reliable network. */
  async comeToRest(): Promise<void> {
    this.#calm = true;
    await this.attempt((queue) => queue.sync());
    await this.#network.settle();
    await Promise.all(this.#arrivals);
  }

  /** The learner's actions on this device that were stored. */
  recorded(): TrueEvent[] {
    return [...this.#seen].flatMap((eventId) => {
      const done = this.#done.get(randomPart(eventId));
      return done === undefined ? [] : [{ ...done, eventId }];
    });
  }
}

/** The random part of an event id. */
function randomPart(eventId: string): string {
  return eventId.slice(-12);
}

/** Exact in binary, so that any sum is. */
const PLAYED = [{ playedSeconds: 0 }, { playedSeconds: 12.5 }, { playedSeconds: 30 }];

function randomFact(random: SeededRandom): Fact {
  const lessonId = random.pick(LESSONS);
  return random.chance(0.8)
    ? { lessonId, position: random.pick([0, 3, 40, 80, 96, 100]), ...random.pick([{}, ...PLAYED]) }
    : { lessonId, completed: random.chance(0.6) };
}

async function survive(seed: number): Promise<void> {
  const random = seededRandom(seed);
  const devices = Array.from({ length: 3 }, () => new Device(random));
  for (let step = 0; step < 60; step += 1) {
    clock.advance(5 + random.below(20));
    const device = random.pick(devices);
    const what = random.below(10);
    const record = (queue: ProgressQueue) => device.record(queue, randomFact(random));
    const sync = (queue: ProgressQueue) => queue.sync();
    const pull = (queue: ProgressQueue) => queue.pull();
    if (what < 5) await device.attempt(record);
    else if (what < 7) await device.attempt(sync);
    else if (what < 8) await device.attempt(pull);
    else await device.attempt(...random.shuffled([record, sync, pull, record]));
  }
  for (const device of devices) await device.comeToRest();
  for (const device of devices) await device.attempt((queue) => queue.pull());

  const events = devices.flatMap((device) => device.recorded());
  const { body } = await progress.call('GET /progress/{courseId}', { courseId: 'sound' });
  for (const lessonId of LESSONS) {
    const { position, furthest, completed, secondsPlayed } = modelLesson(lessonId, events, 100);
    const expected = { lessonId, position, furthest, completed, secondsPlayed };
    if (events.some((event) => event.lessonId === lessonId)) {
      expect(body.lessons.find((lesson: TrueEvent) => lesson.lessonId === lessonId)).toMatchObject(expected);
    }
    for (const device of devices) expect((await device.queue()).lesson('sound', lessonId)).toMatchObject(expected);
  }
  expect(devices.map(({ rejected }) => rejected)).toEqual(devices.map(() => []));
}

describe('the progress queue', () => {
  it.each(Array.from({ length: ROUNDS }, (_, index) => index + 1))(
    'loses and repeats no event, on any network, with any clock, through any crash (seed %i)',
    survive,
    60_000,
  );

  it('stores an event before sending it, and forgets it when it is answered', async () => {
    const storage = memory();
    const queue = await open({ storage });
    await queue.record({ courseId: 'sound', lessonId: 'one', position: 12 });
    expect(await storage.load()).toContain('"position":12');
    expect(queue.lesson('sound', 'one')).toMatchObject({ position: 12 });
    await queue.sync();
    expect(queue.pending()).toBe(0);
    expect((await open({ storage })).lesson('sound', 'one')).toMatchObject({ position: 12, furthest: 12 });
  });

  it('keeps events in order even if the clock was set back between them', async () => {
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

  it('passes a rejected event to the app, and continues with the others', async () => {
    const rejected: unknown[] = [];
    const queue = await open({ onRejected: ({ lessonId }, problem) => rejected.push([lessonId, problem]) });
    await queue.record({ courseId: 'sound', lessonId: 'nothing', position: 10 });
    await queue.record({ courseId: 'sound', lessonId: 'one', position: 20 });
    await queue.sync();
    expect(rejected).toEqual([['nothing', expect.objectContaining({ code: 'not-found' })]]);
    expect([queue.pending(), queue.lesson('sound', 'one').position]).toEqual([0, 20]);
  });

  it('splits a batch that is larger than the server accepts', async () => {
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

  it('finds the one event that a whole batch is rejected for', async () => {
    const rejected: QueuedEvent[] = [];
    const queue = await open({
      onRejected: (event) => rejected.push(event),
      fetch: (url, init) =>
        String(init.body).includes('"position":3')
          ? Promise.resolve(new Response('{"type":"urn:lectern:problem:payload-too-large"}', { status: 413 }))
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
