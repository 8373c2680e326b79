import {
  openProgressQueue,
  type ProgressQueue,
  type QueuedEvent,
  type QueueOptions,
  type QueueStorage,
} from '../../../client/src/progress-queue.ts';

/* The queue alone, with a scripted device and network. The integration and end-to-end tests run it with the real server. */

const SECOND = 1000;
const HOUR = 3600 * SECOND;
const START = Date.UTC(2026, 10, 2, 9, 30);

interface Sent {
  readonly sentAt: string;
  readonly events: readonly { readonly eventId: string; readonly occurredAt: string; readonly position: number }[];
}

/** A device with its two clocks, timers and storage, and a server that accepts all events unless a test scripts it. */
class Device {
  wall = START;
  ticks = 0;
  text: string | null = null;
  readonly batches: Sent[] = [];
  readonly urls: string[] = [];
  readonly timers: { readonly callback: () => void; readonly delayMs: number; off: boolean }[] = [];
  answer: (url: string, init: RequestInit) => Promise<Response> = async (_, init) => takenAll(init);

  readonly storage: QueueStorage = {
    load: async () => this.text,
    save: async (text) => {
      this.text = text;
    },
  };

  open(options: Partial<QueueOptions> = {}): Promise<ProgressQueue> {
    return openProgressQueue({
      baseUrl: 'http://lectern.test/v1',
      accessToken: async () => 'a token',
      storage: this.storage,
      now: () => this.wall,
      monotonic: () => this.ticks,
      random: () => 1,
      schedule: (callback, delayMs) => {
        const timer = { callback, delayMs, off: false };
        this.timers.push(timer);
        return () => {
          timer.off = true;
        };
      },
      fetch: (url, init) => {
        this.urls.push(url);
        if (typeof init.body === 'string') this.batches.push(JSON.parse(init.body));
        return this.answer(url, init);
      },
      ...options,
    });
  }

  pass(ms: number): void {
    this.wall += ms;
    this.ticks += ms;
  }

  /** Fires the pending timer, other than the time-out of a request, and returns its delay. */
  ring(): number | undefined {
    const timer = this.timers.find(({ off, delayMs }) => !off && delayMs !== 30 * SECOND);
    if (timer === undefined) return undefined;
    timer.off = true;
    timer.callback();
    return timer.delayMs;
  }

  /** The ages of the events in the last batch when it was sent, in seconds. */
  ages(): number[] {
    const { sentAt, events } = this.batches[this.batches.length - 1] ?? { sentAt: '', events: [] };
    return events.map(({ occurredAt }) => (Date.parse(sentAt) - Date.parse(occurredAt)) / SECOND);
  }
}

function json(status: number, body: unknown, headers: Record<string, string> = {}): Response {
  return new Response(JSON.stringify(body), { status, headers });
}

function problem(status: number, code: string): Response {
  return json(status, { type: `urn:lectern:problem:${code}`, code });
}

function lessonAt(position: number) {
  const times = { completedAt: null, firstCompletedAt: null, updatedAt: null };
  return { lessonId: 'one', position, furthest: position, completed: false, secondsPlayed: 0, ...times };
}

function takenAll({ body }: RequestInit, position = 0): Response {
  const { events } = JSON.parse(String(body)) as Sent;
  return json(200, { results: events.map(() => ({ status: 'applied', lesson: lessonAt(position) })) });
}

const at = (position: number) => ({ courseId: 'sound', lessonId: 'one', position });

/** Lets all pending promises settle. */
const settled = () => new Promise<void>((resolve) => setImmediate(resolve));

let device: Device;
beforeEach(() => {
  device = new Device();
});

describe('a sync attempt', () => {
  it('is repeated with the same event ids and a new sending time', async () => {
    const queue = await device.open();
    await queue.record(at(1));
    device.pass(5 * SECOND);
    device.answer = () => Promise.reject(new TypeError('offline'));
    await expect(queue.sync()).rejects.toThrow('No answer came');
    device.pass(HOUR);
    device.answer = async (_, init) => takenAll(init);
    await queue.sync();

    const [first, second] = device.batches;
    expect(second?.events).toEqual(first?.events);
    expect([first?.sentAt, second?.sentAt]).toEqual([
      new Date(START + 5 * SECOND).toISOString(),
      new Date(START + HOUR + 5 * SECOND).toISOString(),
    ]);
  });

  it('states the time of sending, however long getting the token took', async () => {
    const queue = await device.open({
      accessToken: async () => {
        device.pass(60 * SECOND);
        return 'a token';
      },
    });
    await queue.record(at(1));
    await queue.sync();
    expect(device.batches[0]?.sentAt).toBe(new Date(START + 60 * SECOND).toISOString());
    expect(device.ages()).toEqual([60]);
  });

  it('asks for a new token once, and then for a sign-in', async () => {
    const asked: boolean[] = [];
    const queue = await device.open({
      accessToken: async (renewed) => {
        asked.push(renewed);
        return 'not a token';
      },
    });
    device.answer = async () => problem(401, 'invalid-token');
    await queue.record(at(1));
    await expect(queue.sync()).rejects.toThrow('sign in again');
    expect([asked, queue.pending()]).toEqual([[false, true], 1]);
  });

  it('times out after 30 s, and the next one is smaller', async () => {
    const queue = await device.open();
    for (let position = 0; position < 500; position += 1) await queue.record(at(position));
    device.answer = (_, { signal }) =>
      new Promise((_resolve, reject) => signal?.addEventListener('abort', () => reject(signal.reason)));
    const syncing = queue.sync();
    await settled();
    device.timers.find(({ off, delayMs }) => !off && delayMs === 30 * SECOND)?.callback();
    await expect(syncing).rejects.toThrow('No answer came');

    device.answer = async (_, init) => takenAll(init);
    await queue.sync();
    expect(device.batches.map(({ events }) => events.length)).toEqual([500, 250, 250]);
    expect(device.timers.every(({ off, delayMs }) => off || delayMs !== 30 * SECOND)).toBe(true);
  });

  it.each([
    ['an HTML page', () => new Response('<title>Welcome</title>', { status: 200 })],
    ['other JSON', () => json(200, {})],
    ['results that do not match', () => json(200, { results: [] })],
    ['a refusal that is not from the server', () => new Response('<title>Bad request</title>', { status: 400 })],
    ['a failure', () => json(500, {})],
  ])('that is answered with %s loses no event', async (_, answer) => {
    const queue = await device.open();
    await queue.record(at(1));
    await queue.record(at(2));
    device.answer = async () => answer();
    await expect(queue.sync()).rejects.toThrow('The server answered');
    expect([queue.pending(), (await device.open()).pending()]).toEqual([2, 2]);
  });

  it('finds the events that a batch is rejected for by halving, and sends the others', async () => {
    const refused: QueuedEvent[] = [];
    const queue = await device.open({ onRejected: (event) => refused.push(event) });
    for (let position = 0; position < 20; position += 1) await queue.record(at(position));
    device.answer = async (_, init) =>
      /"position":(3|17)\D/.test(String(init.body)) ? problem(400, 'invalid-request') : takenAll(init);
    await queue.sync();
    expect(refused.map(({ position }) => position)).toEqual([3, 17]);
    expect([queue.pending(), (await device.open()).pending()]).toEqual([0, 0]);
  });

  it('is not repeated when the app’s own onRejected fails', async () => {
    const queue = await device.open({
      onRejected: () => {
        throw new Error('The app fails');
      },
    });
    device.answer = async () => json(200, { results: [{ status: 'rejected', lesson: null, problem: {} }] });
    await queue.record(at(1));
    await expect(queue.sync()).rejects.toThrow('The app fails');
    expect([queue.pending(), (await device.open()).pending()]).toEqual([0, 0]);
  });
});

describe('an event that the server refuses for now', () => {
  const refused: number[] = [];
  const onRejected = ({ position }: QueuedEvent) => void refused.push(position ?? 0);
  /** Refuses events at odd positions, for now or for good. */
  const refuseOdd =
    (final: boolean | undefined) =>
    async (_: string, { body }: RequestInit) => {
      const { events } = JSON.parse(String(body)) as Sent;
      const rejection = { status: 'rejected', lesson: null, problem: {}, ...(final !== undefined && { final }) };
      return json(200, {
        results: events.map(({ position }) => (position % 2 === 1 ? rejection : { status: 'applied', lesson: null })),
      });
    };
  const positions = () => device.batches.map(({ events }) => events.map(({ position }) => position));

  beforeEach(() => {
    refused.length = 0;
    device.answer = refuseOdd(false);
  });

  it('stays in the queue, and the next sync sends it again with the same id and its time', async () => {
    const queue = await device.open({ onRejected });
    for (const position of [1, 2, 3]) await queue.record(at(position));
    await queue.sync();
    expect([positions(), queue.pending(), refused]).toEqual([[[1, 2, 3]], 2, []]);

    device.pass(HOUR);
    await queue.record(at(4));
    device.answer = async (_, init) => takenAll(init);
    await queue.sync();
    expect([positions()[1], device.ages(), queue.pending(), refused]).toEqual([[1, 3, 4], [3600, 3600, 0], 0, []]);
    expect(device.batches[1]?.events[0]?.eventId).toBe(device.batches[0]?.events[0]?.eventId);
  });

  it('survives a restart', async () => {
    const queue = await device.open({ onRejected });
    await queue.record(at(1));
    await queue.sync();
    const next = await device.open({ onRejected });
    device.answer = async (_, init) => takenAll(init);
    await next.sync();
    expect([positions(), next.pending(), refused]).toEqual([[[1], [1]], 0, []]);
  });

  it('does not hold up the others, and is sent once in a sync', async () => {
    const queue = await device.open();
    for (let position = 0; position < 1200; position += 1) await queue.record(at(position));
    await queue.sync();
    expect([positions().flat().length, positions().length, queue.pending()]).toEqual([1200, 3, 600]);
  });

  it('is not sent with each further event, but again after an hour', async () => {
    const queue = await device.open();
    queue.start();
    await queue.record(at(1));
    for (const position of [2, 4, 6]) {
      device.ring();
      await settled();
      device.pass(position === 6 ? 0 : HOUR / 2);
      await queue.record(at(position));
    }
    device.ring();
    await settled();
    expect(positions()).toEqual([[1], [2], [1, 4], [6]]);
  });

  it('is given up after 30 days, and the app is told', async () => {
    const queue = await device.open({ onRejected });
    await queue.record(at(1));
    await queue.sync();
    device.pass(30 * 24 * HOUR - SECOND);
    await queue.record(at(3));
    await queue.sync();
    expect([queue.pending(), refused]).toEqual([2, []]);
    device.pass(SECOND);
    await queue.sync();
    expect([queue.pending(), refused]).toEqual([1, [1]]);
  });

  it.each([true, undefined])('is not one that is refused for good (final: %s)', async (final) => {
    const queue = await device.open({ onRejected });
    device.answer = refuseOdd(final);
    for (const position of [1, 2]) await queue.record(at(position));
    await queue.sync();
    expect([queue.pending(), refused]).toEqual([0, [1]]);
  });
});

describe('a started queue', () => {
  it('sends each event at once, and backs off after each failure', async () => {
    const queue = await device.open();
    queue.start();
    device.answer = async () => json(503, {});
    await queue.record(at(1));
    const delays: (number | undefined)[] = [];
    for (let attempt = 0; attempt < 12; attempt += 1) {
      delays.push(device.ring());
      await settled();
    }
    expect(delays.map((delay) => (delay ?? 0) / SECOND)).toEqual([0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300]);

    device.answer = async (_, init) => takenAll(init);
    device.ring();
    await settled();
    await queue.record(at(2));
    expect(device.ring()).toBe(0);
    await settled();
    expect([queue.pending(), device.ring()]).toEqual([0, undefined]);
  });

  it.each([
    // With the most jitter.
    ['60', 66],
    // Longer than a timer can hold, which would fire at once.
    ['99999999999', 26.4 * 3600],
    ['-5', 1],
    ['Wed, 21 Oct 2026 07:28:00 GMT', 1],
  ])('waits as long as Retry-After says: %s', async (header, seconds) => {
    const queue = await device.open();
    queue.start();
    device.answer = async () => json(503, {}, { 'Retry-After': header });
    await queue.record(at(1));
    device.ring();
    await settled();
    expect(device.ring()).toBeCloseTo(seconds * SECOND);
  });

  it('stops waiting when the app’s own sync succeeds', async () => {
    const queue = await device.open();
    queue.start();
    await queue.record(at(1));
    device.answer = async () => json(503, {});
    device.ring();
    await settled();
    device.answer = async (_, init) => takenAll(init);
    await queue.sync();
    await queue.record(at(2));
    expect(device.ring()).toBe(0);
  });

  it('does nothing after it is stopped', async () => {
    const queue = await device.open();
    queue.start();
    await queue.record(at(1));
    device.answer = async () => json(503, {});
    device.ring();
    queue.stop();
    await settled();
    await queue.record(at(2));
    expect(device.ring()).toBeUndefined();
  });
});

it('needs only what every platform provides', async () => {
  const { storage } = device;
  const arrived = new Promise<Sent>((resolve) => {
    device.answer = async (_, init) => {
      resolve(JSON.parse(String(init.body)));
      return takenAll(init);
    };
  });
  const queue = await openProgressQueue({
    baseUrl: 'http://lectern.test/v1',
    accessToken: async () => 'a token',
    storage,
    fetch: (url, init) => device.answer(url, init),
  });
  queue.start();
  await queue.record(at(1));
  const { sentAt, events } = await arrived;
  expect(events).toHaveLength(1);
  expect(Date.parse(sentAt) - Date.parse(events[0]?.occurredAt ?? '')).toBeGreaterThanOrEqual(0);
  await queue.sync();
  queue.stop();
  expect(queue.pending()).toBe(0);
});

describe('the time of an event', () => {
  it('is its age, even if the clock was set later', async () => {
    const queue = await device.open();
    await queue.record(at(1));
    device.pass(10 * SECOND);
    device.wall -= 3 * HOUR;
    await queue.record(at(2));
    device.pass(10 * SECOND);
    device.wall += 3 * HOUR;
    await queue.record(at(3));
    device.pass(10 * SECOND);
    await queue.sync();
    expect(device.ages()).toEqual([30, 20, 10]);
  });

  it('includes hours of sleep, which the monotonic clock does not count', async () => {
    const queue = await device.open();
    await queue.record(at(1));
    device.wall += 8 * HOUR;
    device.pass(10 * SECOND);
    await queue.record(at(2));
    await queue.sync();
    expect(device.ages()).toEqual([8 * 3600 + 10, 0]);
  });

  it('keeps its order after a restart, even if the clock was set in between', async () => {
    const queue = await device.open();
    await queue.record(at(1));
    device.wall -= 5 * HOUR;
    await queue.record(at(2));
    device.ticks = 0;
    device.pass(20 * SECOND);
    const next = await device.open();
    await next.record(at(3));
    await next.sync();
    expect(device.ages()).toEqual([20, 20, 0]);
  });

  it('ignores a clock that was never set', async () => {
    const queue = await device.open();
    await queue.record(at(1));
    device.wall = 5 * SECOND;
    await queue.record(at(2));
    device.wall = START + 60 * SECOND;
    const next = await device.open();
    await next.sync();
    expect(device.ages()).toEqual([60, 0]);
  });

  it('comes with an id that grows from event to event, whatever the clock does', async () => {
    const queue = await device.open();
    await queue.record(at(1));
    await queue.record(at(2));
    device.wall -= HOUR;
    await queue.record(at(3));
    const next = await device.open();
    await next.record(at(4));
    await next.sync();
    const ids = device.batches[0]?.events.map(({ eventId }) => eventId) ?? [];
    expect(ids).toEqual([...ids].sort());
    expect(new Set(ids).size).toBe(4);
    for (const id of ids) expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });
});

describe('the time of an event, once the server has told its clock', () => {
  /** The server's clock, which nobody sets. */
  let trueMs = START;
  beforeEach(() => {
    trueMs = START;
    device.answer = async (_, init) => {
      const taken = init.method === 'POST' ? takenAll(init) : json(200, { items: [], cursor: 'c1', hasMore: false });
      taken.headers.set('Date', new Date(trueMs).toUTCString());
      return taken;
    };
  });
  const pass = (ms: number) => {
    trueMs += ms;
    device.pass(ms);
  };
  /** When the events of the last batch happened, in seconds after the start, as the server computes it. */
  const happened = () => {
    const { sentAt, events } = device.batches[device.batches.length - 1] ?? { sentAt: '', events: [] };
    const offMs = trueMs - Date.parse(sentAt);
    const correctionMs = Math.abs(offMs) > 30 * SECOND ? offMs : 0;
    return events.map(({ occurredAt }) => Math.round((Date.parse(occurredAt) + correctionMs - START) / SECOND));
  };
  /** A date has whole seconds. */
  const expectTimes = (seconds: readonly number[]) => {
    expect(happened()).toHaveLength(seconds.length);
    for (const [index, second] of seconds.entries())
      expect(Math.abs((happened()[index] ?? 0) - second)).toBeLessThan(3);
  };
  /** The app ends, and starts again later. */
  const restart = (laterMs: number): Promise<ProgressQueue> => {
    pass(laterMs);
    device.ticks = 0;
    return device.open();
  };
  const SET = [-3 * HOUR, -20 * SECOND, 0, 20 * SECOND, 3 * HOUR, 400 * 24 * HOUR];

  it.each(SET)('is right if the clock was always off by %i ms', async (offMs) => {
    device.wall += offMs;
    const queue = await device.open();
    await queue.record(at(1));
    pass(100 * SECOND);
    await queue.pull();
    // Only the server could correct the first batch of all, from 30 s on.
    if (Math.abs(offMs) > 30 * SECOND) expect(happened()).toEqual([0]);
    await queue.record(at(2));
    const next = await restart(HOUR);
    await next.record(at(3));
    pass(10 * SECOND);
    await next.sync();
    expectTimes([100, 3700]);
    const last = await restart(HOUR);
    await last.record(at(4));
    await last.sync();
    expectTimes([7310]);
  });

  it.each(SET)('is right if the clock was set by %i ms after it, while the app was dead', async (offMs) => {
    const queue = await device.open();
    await queue.pull();
    const later = await restart(10 * SECOND);
    await later.record(at(1));
    device.wall += offMs;
    const next = await restart(20 * SECOND);
    await next.record(at(2));
    pass(5 * SECOND);
    await next.sync();
    expectTimes([10, 30]);
  });

  it.each([-3 * HOUR, 3 * HOUR])(
    'is right if the clock was set by %i ms before it, and the server is heard only after it',
    async (offMs) => {
      const queue = await device.open();
      await queue.pull();
      device.wall += offMs;
      const later = await restart(10 * SECOND);
      await later.record(at(1));
      const next = await restart(20 * SECOND);
      await next.sync();
      expectTimes([10]);
    },
  );

  it.each(SET)('is right if the clock is set by %i ms while the app runs', async (offMs) => {
    const queue = await device.open();
    await queue.pull();
    await queue.record(at(1));
    device.wall += offMs;
    pass(10 * SECOND);
    device.answer = async () => json(503, {});
    await expect(queue.sync()).rejects.toThrow('503');
    expect(device.batches[0]?.events).toMatchObject([
      { occurredAt: new Date(START).toISOString().replace('Z', '+00:00') },
    ]);
  });

  it('is not that of the last answer before it', async () => {
    const queue = await device.open();
    await queue.pull();
    pass(100 * SECOND);
    await queue.record(at(1));
    pass(50 * SECOND);
    await queue.record(at(2));
    await queue.sync();
    expect(happened()).toEqual([100, 150]);
  });

  it('is not asked of the server for events of this run alone', async () => {
    const queue = await device.open();
    await queue.record(at(1));
    await queue.sync();
    const next = await restart(HOUR);
    await next.record(at(2));
    await next.sync();
    expect(device.urls.map((url) => url.replace(/.*v1/, ''))).toEqual(['/progress/sync', '/progress/sync']);
  });
});

describe('the day of an event', () => {
  it('is the learner’s own, wherever the event is sent from', async () => {
    const zone = jest.spyOn(Date.prototype, 'getTimezoneOffset').mockReturnValue(-13 * 60);
    const queue = await device.open();
    await queue.record(at(1));
    zone.mockReturnValue(210);
    await queue.record(at(2));
    await queue.sync();
    zone.mockRestore();
    expect(device.batches[0]?.events).toMatchObject([
      { occurredAt: '2026-11-02T22:30:00.000+13:00' },
      { occurredAt: '2026-11-02T06:00:00.000-03:30' },
    ]);
  });
});

describe('progress from the server', () => {
  const pageAt = (position: number, more: object = {}) =>
    json(200, { items: [{ courseId: 'sound', lessons: [lessonAt(position)] }], cursor: 'c1', hasMore: false, ...more });

  it('is shown beneath events that the server does not have yet', async () => {
    let changes = 0;
    const queue = await device.open({
      onChange: () => {
        changes += 1;
      },
    });
    device.answer = async () => pageAt(40);
    await queue.pull();
    expect([queue.lesson('sound', 'one').position, changes]).toEqual([40, 1]);
    await queue.record(at(5));
    expect(queue.lesson('sound', 'one')).toMatchObject({ position: 5, furthest: 40 });
    expect((await device.open()).lesson('sound', 'one')).toMatchObject({ position: 5, furthest: 40 });
  });

  it('has what was played added to it, and its furthest position only where something was played', async () => {
    const queue = await device.open();
    await queue.record({ ...at(30), playedSeconds: 12.5 });
    await queue.record({ ...at(100), playedSeconds: 0 });
    expect(queue.lesson('sound', 'one')).toMatchObject({ position: 100, furthest: 30, secondsPlayed: 12.5 });
    await queue.sync();
    expect(device.batches[0]?.events).toMatchObject([{ playedSeconds: 12.5 }, { position: 100, playedSeconds: 0 }]);
  });

  it('has no playing time if it was stored before playing time was counted', async () => {
    const { secondsPlayed: _, ...stored } = lessonAt(40);
    device.text = JSON.stringify({ events: [], known: { 'sound/one': stored }, cursor: null });
    const queue = await device.open();
    expect(queue.lesson('sound', 'one')).toMatchObject({ position: 40, secondsPlayed: 0 });
    await queue.record({ ...at(50), playedSeconds: 10 });
    expect(queue.lesson('sound', 'one')).toMatchObject({ position: 50, secondsPlayed: 10 });
  });

  it('does not count an event twice whose answer was lost', async () => {
    const queue = await device.open();
    const played = { ...lessonAt(30), secondsPlayed: 30 };
    const changes = json(200, { items: [{ courseId: 'sound', lessons: [played] }], cursor: 'c1', hasMore: false });
    const answers = [json(502, {}), json(200, { results: [{ status: 'duplicate', lesson: played }] }), changes];
    device.answer = async () => answers.shift() ?? json(500, {});
    await queue.record({ ...at(30), playedSeconds: 30 });
    await expect(queue.sync()).rejects.toThrow('502');
    await queue.pull();
    expect([queue.lesson('sound', 'one').secondsPlayed, queue.pending()]).toEqual([30, 0]);
  });

  it('is read page by page from the end of the last answer', async () => {
    const queue = await device.open();
    const answers = [
      pageAt(1, { cursor: 'c1', hasMore: true }),
      pageAt(2, { cursor: 'c2' }),
      pageAt(3, { cursor: 'c3' }),
    ];
    device.answer = async () => answers.shift() ?? json(500, {});
    await queue.pull();
    await (await device.open()).pull();
    expect(device.urls.map((url) => new URL(url).searchParams.get('since'))).toEqual([null, 'c1', 'c2']);
  });

  it('is read from the start when the server rejects the cursor', async () => {
    const queue = await device.open();
    const answers = [pageAt(1), problem(400, 'invalid-request'), pageAt(2)];
    device.answer = async () => answers.shift() ?? json(500, {});
    await queue.pull();
    await queue.pull();
    expect(device.urls.map((url) => new URL(url).searchParams.get('since'))).toEqual([null, 'c1', null]);
    expect(queue.lesson('sound', 'one').position).toBe(2);
  });

  describe('when the server rejects the cursor', () => {
    /** Replaces the server by one that accepts all events, and only cursors of its own. */
    function newServer(cursor: string): void {
      device.answer = async (url, init) => {
        if (init.method === 'POST') return takenAll(init, 80);
        const since = new URL(url).searchParams.get('since');
        return since === null || since === cursor ? pageAt(70, { cursor }) : problem(400, 'invalid-request');
      };
    }
    const sent = () => device.batches.map(({ events }) => events.map(({ position }) => position));

    it('sends the events that were accepted again, in order and before it reads, and only once', async () => {
      newServer('c1');
      const queue = await device.open();
      for (const position of [1, 2]) {
        await queue.record(at(position));
        device.pass(SECOND);
        await queue.pull();
      }
      newServer('c2');
      const next = await device.open();
      await next.record(at(3));
      device.urls.length = 0;
      await next.pull();
      await next.pull();
      expect(sent()).toEqual([[1], [2], [3], [1, 2, 3]]);
      expect(device.ages()).toEqual([2, 1, 0]);
      expect(device.urls.map((url) => url.replace(/.*v1/, ''))).toEqual([
        '/progress/sync',
        '/progress?limit=100&since=c1',
        '/progress/sync',
        '/progress?limit=100',
        '/progress?limit=100&since=c2',
      ]);
    });

    it('sends them even if that fails and the app starts again, and shows none of them twice', async () => {
      newServer('c1');
      const queue = await device.open();
      await queue.record({ ...at(80), playedSeconds: 30 });
      await queue.pull();
      newServer('c2');
      const { answer } = device;
      device.answer = (url, init) => (init.method === 'POST' ? Promise.resolve(json(503, {})) : answer(url, init));
      await expect(queue.pull()).rejects.toThrow('503');
      expect([queue.lesson('sound', 'one').secondsPlayed, queue.pending()]).toEqual([0, 0]);

      device.answer = answer;
      const next = await device.open();
      await next.sync();
      await next.sync();
      expect(sent()).toEqual([[80], [80], [80]]);
    });

    it('sends the last 500, and none that was rejected', async () => {
      const queue = await device.open();
      await queue.record(at(0));
      device.answer = async () => json(200, { results: [{ status: 'rejected', final: true, lesson: null }] });
      await queue.sync();
      newServer('c1');
      for (let position = 1; position <= 510; position += 1) await queue.record(at(position));
      await queue.pull();
      newServer('c2');
      device.batches.length = 0;
      await queue.pull();
      expect(sent().flat()).toEqual(Array.from({ length: 500 }, (_, index) => index + 11));
    });
  });

  it('never goes backwards, because requests wait for each other', async () => {
    const queue = await device.open();
    await queue.record(at(1));
    const unanswered: (() => void)[] = [];
    device.answer = (_, init) =>
      new Promise((resolve) => {
        unanswered.push(() => resolve(init.method === 'POST' ? takenAll(init, 80) : pageAt(90)));
      });
    const all = Promise.all([queue.sync(), queue.pull(), queue.sync()]);
    await settled();
    expect(device.urls).toHaveLength(1);
    unanswered[0]?.();
    await settled();
    unanswered[1]?.();
    await all;
    expect([device.urls.length, queue.lesson('sound', 'one').position]).toEqual([2, 90]);
  });
});

describe('the storage', () => {
  it('contains an event before it counts as recorded', async () => {
    let full = true;
    const queue = await device.open({
      storage: {
        load: device.storage.load,
        save: (text) => (full ? Promise.reject(new Error('The storage is full')) : device.storage.save(text)),
      },
    });
    await expect(queue.record(at(1))).rejects.toThrow('The storage is full');
    full = false;
    await queue.record(at(2));
    expect((await device.open()).pending()).toBe(2);
  });

  it('is written one text at a time', async () => {
    const writing: (() => void)[] = [];
    const queue = await device.open({
      storage: {
        load: device.storage.load,
        save: (text) =>
          new Promise((resolve) => {
            writing.push(() => {
              device.text = text;
              resolve();
            });
          }),
      },
    });
    const all = Promise.all([queue.record(at(1)), queue.record(at(2))]);
    await settled();
    expect(writing).toHaveLength(1);
    writing[0]?.();
    await settled();
    writing[1]?.();
    await all;
    expect((await device.open()).pending()).toBe(2);
  });
});
