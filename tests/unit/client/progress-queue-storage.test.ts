import {
  openProgressQueue,
  type QueueOptions,
  type QueueStorage,
  WrongAccount,
} from '../../../client/src/progress-queue.ts';
import type { KeyValueStorage } from '../../../client/src/storage.ts';

/* Storages that fail, hang, or return something else than was stored, and queues that share one. */

const USER = 'ada';
const PREFIX = `lectern/progress/${USER}`;

const at = (position: number) => ({ courseId: 'sound', lessonId: 'one', position });

function tokenOf(account: string): string {
  return `e30.${Buffer.from(JSON.stringify({ sub: account })).toString('base64url')}.c2ln`;
}

const takenAll = async (_: string, { body }: RequestInit): Promise<Response> => {
  const { events } = JSON.parse(String(body ?? '{"events":[]}')) as { events: unknown[] };
  return Response.json({ results: events.map(() => ({ status: 'applied', lesson: null })) });
};

function open(storage: QueueStorage | KeyValueStorage, options: Partial<QueueOptions> = {}) {
  return openProgressQueue({
    baseUrl: 'http://lectern.test/v1',
    accessToken: async () => tokenOf(USER),
    ...('getItem' in storage && { userId: USER }),
    ...{ storage, fetch: takenAll },
    ...options,
  });
}

class Pairs implements KeyValueStorage {
  readonly kept = new Map<string, string>();
  readonly writes: string[] = [];
  /** Keys whose next write is not answered until the test says so. */
  readonly hanging = new Map<string, Promise<void>>();

  async getItem(key: string): Promise<string | null> {
    return this.kept.get(key) ?? null;
  }

  async setItem(key: string, text: string): Promise<void> {
    this.writes.push(key);
    const hanging = this.hanging.get(key);
    this.hanging.delete(key);
    await hanging;
    this.kept.set(key, text);
  }

  async removeItem(key: string): Promise<void> {
    this.kept.delete(key);
  }
}

function textStorage(text: string | null = null) {
  const storage = {
    text,
    load: async (): Promise<string | null> => storage.text,
    save: async (next: string): Promise<void> => {
      storage.text = next;
    },
  };
  return storage;
}

/** A promise, and the function that resolves it. */
function later() {
  let end: () => void = () => undefined;
  const promise = new Promise<void>((resolve) => {
    end = resolve;
  });
  return { promise, end };
}

const event = (position: number, clockMs = Date.UTC(2026, 0, 1)) => ({
  ...at(position),
  eventId: `0197f0b4-6f52-7c1e-9a53-0000000000${position}`,
  clockMs,
});

describe('a text that cannot be read', () => {
  const texts: [string, string][] = [
    ['cut off', '{"events":[{"courseId":"a'],
    ['empty', ''],
    ['null', 'null'],
    ['of a later version', '{"version":2,"events":[]}'],
    ['of something else', '{"theme":"dark"}'],
  ];

  it.each(texts)('is handed to the app if it is %s, and the queue goes on', async (_, text) => {
    const unreadable: unknown[] = [];
    const storage = textStorage(text);
    const queue = await open(storage, { onUnreadable: (found) => unreadable.push(found) });
    await queue.record(at(1));
    await queue.record(at(2));
    expect(unreadable).toEqual([{ key: null, keptAs: null, text }]);
    expect((await open(storage)).pending()).toBe(2);
  });

  it.each(texts)('is kept under another key if it is %s, and the other texts are read', async (_, text) => {
    const unreadable: { keptAs: string | null }[] = [];
    const storage = new Pairs();
    const first = await open(storage);
    for (let position = 0; position < 150; position += 1) await first.record(at(position));
    storage.kept.set(`${PREFIX}/e0`, text);
    const queue = await open(storage, { onUnreadable: (found) => unreadable.push(found) });
    await queue.record(at(1000));
    expect(storage.kept.get(unreadable[0]?.keptAs ?? '')).toBe(text);
    expect([unreadable.length, queue.pending(), (await open(storage)).pending()]).toEqual([1, 51, 51]);
  });

  it('is read as far as it has events', async () => {
    const storage = textStorage(JSON.stringify({ events: [event(1), { eventId: 7 }, null, event(2)] }));
    const unreadable: unknown[] = [];
    const queue = await open(storage, { onUnreadable: (found) => unreadable.push(found) });
    expect([queue.pending(), unreadable.length]).toEqual([2, 1]);
  });

  it('does not keep the queue from opening if the storage always fails, and is written over then', async () => {
    let isTooLarge = true;
    const storage = textStorage('a row of more than 2 MB');
    const { load } = storage;
    storage.load = () => (isTooLarge ? Promise.reject(new Error('Row too big')) : load());
    const unreadable: unknown[] = [];
    const queue = await open(storage, { onUnreadable: (found) => unreadable.push(found) });
    await queue.record(at(1));
    isTooLarge = false;
    expect(unreadable).toEqual([{ key: null, keptAs: null, text: null }]);
    expect((await open(storage)).pending()).toBe(1);
  });

  it('stays where it is in a key-value storage that cannot read it, and others are used', async () => {
    const storage = new Pairs();
    storage.kept.set(`${PREFIX}/e0`, JSON.stringify({ events: [event(1)] }));
    const { getItem } = storage;
    storage.getItem = async (key) => {
      if (key === `${PREFIX}/e0`) throw new Error('Cannot read it');
      return getItem.call(storage, key);
    };
    const queue = await open(storage);
    await queue.record(at(2));
    storage.getItem = getItem;
    expect((await open(storage)).pending()).toBe(2);
  });

  it('is read when a storage fails only for a moment', async () => {
    const storage = textStorage(JSON.stringify({ events: [event(1)] }));
    const { load } = storage;
    let failures = 2;
    storage.load = () => {
      failures -= 1;
      return failures >= 0 ? Promise.reject(new Error('Busy')) : load();
    };
    expect((await open(storage)).pending()).toBe(1);
  });

  it('is read by the next record if the storage fails while the queue opens', async () => {
    const storage = textStorage(JSON.stringify({ events: [event(1)] }));
    const { load } = storage;
    storage.load = () => Promise.reject(new Error('Busy'));
    const queue = await open(storage);
    storage.load = load;
    await queue.record(at(2));
    expect([queue.pending(), (await open(storage)).pending()]).toEqual([2, 2]);
  });
});

describe('a write that never ends', () => {
  it('does not hold up the next one, nor a sync', async () => {
    const storage = textStorage();
    const { save } = storage;
    const queue = await open(storage);
    storage.save = () => {
      storage.save = save;
      return new Promise(() => undefined);
    };
    await Promise.all([queue.record(at(1)), queue.record(at(2))]);
    expect((await open(storage)).pending()).toBe(2);
    await queue.sync();
    expect(queue.pending()).toBe(0);
  });

  it('replaces nothing newer when it ends after all', async () => {
    const storage = textStorage();
    const { save } = storage;
    const queue = await open(storage);
    const hanging = later();
    storage.save = async (text) => {
      storage.save = save;
      await hanging.promise;
      await save(text);
    };
    await queue.record(at(1));
    await queue.record(at(2));
    hanging.end();
    // Waits for its turn, after the text is written again.
    await queue.record(at(3));
    expect((await open(storage)).pending()).toBe(3);
  });

  it('moves the events to another text of a key-value storage, and none is lost when it ends after all', async () => {
    const storage = new Pairs();
    const queue = await open(storage);
    await queue.record(at(1));
    const hanging = later();
    storage.hanging.set(`${PREFIX}/e0`, hanging.promise);
    await queue.record(at(2));
    await queue.record(at(3));
    expect((await open(storage)).pending()).toBe(3);
    hanging.end();
    await queue.record(at(4));
    expect((await open(storage)).pending()).toBe(4);
  });
});

describe('a queue in a key-value storage', () => {
  it('needs the learner’s id', async () => {
    const storage = new Pairs();
    const options = { baseUrl: 'http://lectern.test/v1', accessToken: async () => '', storage };
    await expect(openProgressQueue(options)).rejects.toThrow('needs userId');
  });

  it('writes only small texts, and few with each event', async () => {
    const storage = new Pairs();
    const queue = await open(storage);
    for (let position = 0; position < 1000; position += 1) await queue.record(at(position));
    storage.writes.length = 0;
    await queue.record(at(1000));
    expect(storage.writes).toEqual([`${PREFIX}/stamp`, `${PREFIX}/e10`]);
    expect(Math.max(...[...storage.kept.values()].map(({ length }) => length))).toBeLessThan(64 * 1024);
    expect((await open(storage)).pending()).toBe(1001);
  });

  it('uses the room of events that were accepted long ago', async () => {
    const storage = new Pairs();
    const queue = await open(storage);
    for (let position = 0; position < 2000; position += 1) {
      await queue.record(at(position));
      if (position % 50 === 0) await queue.sync();
    }
    await queue.sync();
    expect([...storage.kept.keys()].filter((key) => key.startsWith(`${PREFIX}/e`)).length).toBeLessThan(10);
  });

  it('reads the text of an earlier version of the queue as one of its own', async () => {
    const storage = new Pairs();
    const lesson = { lessonId: 'two', position: 40, furthest: 40, completed: false };
    const text = JSON.stringify({ events: [event(1)], known: { 'sound/two': lesson }, cursor: 'c1' });
    storage.kept.set(`${PREFIX}/e0`, text);
    const queue = await open(storage);
    expect([queue.pending(), queue.lesson('sound', 'one').position]).toEqual([1, 1]);
  });

  it('works in a storage that answers at once, as localStorage does', async () => {
    const kept = new Map<string, string>();
    const storage: KeyValueStorage = {
      getItem: (key) => kept.get(key) ?? null,
      setItem: (key, text) => void kept.set(key, text),
      removeItem: (key) => void kept.delete(key),
    };
    const queue = await open(storage);
    await queue.record(at(1));
    expect((await open(storage)).pending()).toBe(1);
  });
});

describe.each([
  ['a key-value storage', () => new Pairs()],
  ['one text', () => textStorage()],
])('two queues in %s', (_, newStorage) => {
  it('lose nothing that either has recorded', async () => {
    const storage = newStorage();
    const [one, two] = await Promise.all([open(storage), open(storage)]);
    await Promise.all([one.record(at(1)), two.record(at(2)), one.record(at(3)), two.record(at(4))]);
    await one.record(at(5));
    expect((await open(storage)).pending()).toBe(5);
  });

  it('see what the other one has recorded and sent', async () => {
    const storage = newStorage();
    const onChange = jest.fn();
    const [one, two] = await Promise.all([open(storage), open(storage, { onChange })]);
    await one.record(at(30));
    await two.record({ ...at(7), lessonId: 'two' });
    expect([two.pending(), two.lesson('sound', 'one').position, onChange.mock.calls.length]).toEqual([2, 30, 1]);
    await two.sync();
    await one.record(at(31));
    expect(one.pending()).toBe(1);
  });
});

it('loses nothing to another tab that could not note its change', async () => {
  const storage = new Pairs();
  const { setItem } = storage;
  const [one, two] = await Promise.all([open(storage), open(storage)]);
  await one.record(at(1));
  storage.setItem = (key, text) =>
    key.endsWith('/stamp') ? Promise.reject(new Error('Full')) : setItem.call(storage, key, text);
  await two.record(at(2));
  await one.record(at(3));
  expect((await open(storage)).pending()).toBe(3);
});

describe('the account of a queue', () => {
  it('is that of the first token, and the token of another learner sends nothing', async () => {
    let account = 'ada';
    const sent: string[] = [];
    const storage = textStorage();
    const options: Partial<QueueOptions> = {
      accessToken: async () => tokenOf(account),
      fetch: (url, init) => {
        sent.push(new Headers(init.headers).get('Authorization') ?? '');
        return takenAll(url, init);
      },
    };
    const queue = await open(storage, options);
    await queue.record(at(1));
    await queue.sync();
    await queue.record(at(2));
    account = 'ben';
    await expect(queue.sync()).rejects.toThrow(WrongAccount);
    const next = await open(storage, options);
    await expect(next.pull()).rejects.toThrow(WrongAccount);
    expect([queue.pending(), next.pending(), sent]).toEqual([1, 1, [`Bearer ${tokenOf('ada')}`]]);
    account = 'ada';
    await next.sync();
    expect(next.pending()).toBe(0);
  });

  it('is the one that the app names, and another learner’s stored queue does not open', async () => {
    const storage = textStorage();
    await (await open(storage, { userId: 'ada' })).record(at(1));
    await expect(open(storage, { userId: 'ben' })).rejects.toThrow(WrongAccount);
    const queue = await open(storage, { userId: 'ada', accessToken: async () => tokenOf('ben') });
    await expect(queue.sync()).rejects.toThrow(WrongAccount);
    expect(queue.pending()).toBe(1);
  });
});

describe('a queue that was stopped', () => {
  it('sends nothing any more, not even the rest of a sync that is under way', async () => {
    const storage = textStorage();
    const arrived = later();
    const answered = later();
    let requests = 0;
    const queue = await open(storage, {
      fetch: async (url, init) => {
        requests += 1;
        arrived.end();
        await answered.promise;
        return takenAll(url, init);
      },
    });
    for (let position = 0; position < 501; position += 1) await queue.record(at(position));
    const syncing = queue.sync();
    await arrived.promise;
    queue.stop();
    queue.start();
    answered.end();
    await expect(syncing).rejects.toThrow('was stopped');
    await expect(queue.sync()).rejects.toThrow('was stopped');
    await expect(queue.pull()).rejects.toThrow('was stopped');
    expect([requests, queue.pending()]).toEqual([1, 1]);
  });

  it('stores what is recorded after that', async () => {
    const storage = textStorage();
    const queue = await open(storage);
    queue.stop();
    await queue.record(at(1));
    expect((await open(storage)).pending()).toBe(1);
  });
});

it('waits for the app or the next event once the learner has signed out', async () => {
  const delays: number[] = [];
  let ring = () => undefined as unknown;
  const signedOut = Object.assign(new Error('Sign in again'), { name: 'SignedOut' });
  const queue = await open(textStorage(), {
    accessToken: () => Promise.reject(signedOut),
    schedule: (callback, delayMs) => {
      delays.push(delayMs);
      ring = callback;
      return () => undefined;
    },
  });
  queue.start();
  await queue.record(at(1));
  ring();
  await expect(queue.sync()).rejects.toBe(signedOut);
  expect(delays).toEqual([0]);
  await queue.record(at(2));
  expect(delays).toEqual([0, 0]);
});

it('lists the events that the server refuses for now, also after a restart', async () => {
  const storage = new Pairs();
  const problem = { type: 'urn:lectern:problem:forbidden', status: 403 };
  const refuse = async () => Response.json({ results: [{ status: 'rejected', final: false, lesson: null, problem }] });
  const queue = await open(storage, { fetch: refuse });
  await queue.record(at(1));
  await queue.sync();
  const next = await open(storage);
  for (const one of [queue, next]) expect(one.refused()).toMatchObject([{ event: at(1), problem }]);
  await next.sync();
  expect([next.refused(), next.pending()]).toEqual([[], 0]);
});
