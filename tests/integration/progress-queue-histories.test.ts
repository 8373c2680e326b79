import fc from 'fast-check';
import { RequestFailed } from '../../client/src/platform/http.ts';
import { openProgressQueue, type ProgressQueue, WrongAccount } from '../../client/src/progress-queue.ts';

/*
 * Two learners share three devices, on each of which the app is open in two tabs. Requests and answers get lost, come late, twice
 * or out of order, tabs crash at any write, storages fail, and learners sign in while the other's queue is still open. The
 * server here is a log that recognizes events by their ids. progress-queue.test.ts has the real one.
 */

const HISTORIES = Number(process.env['LECTERN_HISTORIES'] ?? 60);
const ACCOUNTS = ['ada', 'ben'] as const;
type Account = (typeof ACCOUNTS)[number];

class Fault extends Error {}

function tokenOf(account: Account): string {
  return `e30.${Buffer.from(JSON.stringify({ iss: 'lectern', sub: account, exp: 1 })).toString('base64url')}.c2ln`;
}

/** What arrived, by account: the position of each event by its id. Each position is recorded only once. */
class Log {
  readonly events = new Map<Account, Map<string, number>>(ACCOUNTS.map((account) => [account, new Map()]));
  readonly late: (() => void)[] = [];

  answer(url: string, { headers, body }: RequestInit): Response {
    const token = new Headers(headers).get('Authorization')?.slice('Bearer '.length) ?? '';
    const account = ACCOUNTS.find((one) => tokenOf(one) === token);
    const known = account && this.events.get(account);
    if (known === undefined) return new Response('{"type":"urn:lectern:problem:invalid-token"}', { status: 401 });
    if (typeof body !== 'string') return Response.json({ items: [], cursor: `after ${known.size}`, hasMore: false });
    const { events } = JSON.parse(body) as { events: { eventId: string; position: number }[] };
    const results = events.map(({ eventId, position }) => {
      const status = known.has(eventId) ? 'duplicate' : 'applied';
      known.set(eventId, position);
      return { status, lesson: null };
    });
    expect(new URL(url).pathname).toBe('/v1/progress/sync');
    return Response.json({ results });
  }
}

type Network = 'fine' | 'lost' | 'reply lost' | 'late' | 'twice' | 'portal';

function send(log: Log, network: Network, url: string, { signal: _, ...init }: RequestInit): Response {
  if (network === 'lost') throw new TypeError('The request was lost');
  if (network === 'portal') return new Response('<title>Welcome</title>', { status: 200 });
  if (network === 'late') {
    log.late.push(() => log.answer(url, init));
    throw new TypeError('The request is late');
  }
  const answer = log.answer(url, init);
  if (network === 'reply lost') throw new TypeError('The reply was lost');
  return network === 'twice' ? log.answer(url, init) : answer;
}

interface Tab {
  readonly account: Account;
  readonly queue: ProgressQueue;
  readonly life: { writesLeft: number; isAlive: boolean };
}

class Device {
  readonly kept = new Map<string, string>();
  readonly tabs = new Map<number, Tab>();
  readonly log: Log;
  readonly isText: boolean;
  account: Account = 'ada';
  network: Network = 'fine';
  /** How many of the next writes fail, as in a full storage. */
  failing = 0;

  constructor(log: Log, isText: boolean) {
    this.log = log;
    this.isText = isText;
  }

  async open(number: number): Promise<Tab> {
    const open = this.tabs.get(number);
    if (open?.life.isAlive && open.account === this.account) return open;
    // Otherwise the tab is closed without a word, or the queue of the other learner goes on in it.
    const { account } = this;
    const life = { writesLeft: Number.POSITIVE_INFINITY, isAlive: true };
    const queue = await openProgressQueue({
      baseUrl: 'http://lectern.test/v1',
      accessToken: async () => tokenOf(this.account),
      storage: this.isText ? this.textOf(account, life) : this.pairs(life),
      userId: account,
      fetch: async (url, init) => {
        if (!life.isAlive) throw new Fault('The tab has crashed');
        return send(this.log, this.network, url, init);
      },
    });
    const tab = { account, queue, life };
    this.tabs.set(number, tab);
    return tab;
  }

  private write(key: string, text: string, life: Tab['life']): void {
    // It crashes either before or after the write.
    if (life.writesLeft <= 0) life.isAlive = false;
    life.writesLeft -= 1;
    if (!life.isAlive) throw new Fault('The tab has crashed');
    if (this.failing > 0) {
      this.failing -= 1;
      throw new Fault('The storage is full');
    }
    this.kept.set(key, text);
    if (life.writesLeft === 0.5) {
      life.isAlive = false;
      throw new Fault('The tab has crashed');
    }
  }

  private pairs(life: Tab['life']) {
    return {
      getItem: async (key: string) => this.kept.get(key) ?? null,
      setItem: async (key: string, text: string) => this.write(key, text, life),
      removeItem: async (key: string) => void this.kept.delete(key),
    };
  }

  private textOf(account: Account, life: Tab['life']) {
    return {
      load: async () => this.kept.get(account) ?? null,
      save: async (text: string) => this.write(account, text, life),
    };
  }
}

const where = { device: fc.nat(2), tab: fc.nat(1) };
const step = fc.oneof(
  { weight: 8, arbitrary: fc.record({ what: fc.constant('record' as const), ...where }) },
  {
    weight: 4,
    arbitrary: fc.record({ what: fc.constantFrom('sync' as const, 'pull' as const, 'all' as const), ...where }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      what: fc.constant('crash' as const),
      ...where,
      after: fc.constantFrom(0, 0.5, 1, 1.5, 2.5, 4),
    }),
  },
  { weight: 1, arbitrary: fc.record({ what: fc.constant('stop' as const), ...where }) },
  {
    weight: 1,
    arbitrary: fc.record({ what: fc.constant('fail' as const), ...where, writes: fc.integer({ min: 1, max: 3 }) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ what: fc.constant('sign in' as const), ...where, account: fc.constantFrom(...ACCOUNTS) }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      what: fc.constant('network' as const),
      ...where,
      network: fc.constantFrom<Network>('fine', 'fine', 'lost', 'reply lost', 'late', 'twice', 'portal'),
    }),
  },
  { weight: 1, arbitrary: fc.record({ what: fc.constant('arrive' as const), ...where }) },
);

const isExpected = (error: unknown) => error instanceof Fault || error instanceof RequestFailed;

async function live(isText: boolean, steps: readonly (typeof step extends fc.Arbitrary<infer T> ? T : never)[]) {
  const log = new Log();
  const devices = [0, 1, 2].map(() => new Device(log, isText));
  /** Events that count as recorded, by their position. */
  const recorded = new Map<number, Account>();
  /** Whose queue was asked to record it, also if that failed. */
  const owners = new Map<number, Account>();
  let position = 0;
  const attempt = (work: Promise<unknown>) =>
    work.catch((error: unknown) => {
      if (!isExpected(error)) throw error;
    });
  const record = async ({ queue, account }: Tab) => {
    position += 1;
    const mine = position;
    owners.set(mine, account);
    await attempt(
      queue
        .record({ courseId: 'sound', lessonId: 'one', position: mine, playedSeconds: 1 })
        .then(() => recorded.set(mine, account)),
    );
  };

  for (const now of steps) {
    const device = devices[now.device] as Device;
    if (now.what === 'network') device.network = now.network;
    else if (now.what === 'sign in') device.account = now.account;
    else if (now.what === 'fail') device.failing = now.writes;
    else if (now.what === 'arrive') for (const arrive of log.late.splice(0).reverse()) arrive();
    else {
      // Also a tab that stayed open when another learner signed in elsewhere in the app.
      const left = device.tabs.get(now.tab);
      const tab = left?.life.isAlive && now.what !== 'record' ? left : await device.open(now.tab);
      if (now.what === 'crash') tab.life.writesLeft = now.after;
      else if (now.what === 'stop') tab.queue.stop();
      else if (now.what === 'record') await record(tab);
      else if (now.what === 'sync') await attempt(tab.queue.sync());
      else if (now.what === 'pull') await attempt(tab.queue.pull());
      else {
        const other = await device.open(1 - now.tab);
        await Promise.all([
          record(tab),
          record(other),
          attempt(tab.queue.pull()),
          attempt(other.queue.sync()),
          record(tab),
        ]);
      }
    }
  }

  for (const device of devices) {
    for (const { life } of device.tabs.values()) life.isAlive = false;
    device.tabs.clear();
    Object.assign(device, { network: 'fine', failing: 0 });
    for (const account of ACCOUNTS) {
      device.account = account;
      device.tabs.clear();
      const { queue } = await device.open(0);
      await queue.pull();
      expect(queue.pending()).toBe(0);
    }
  }
  for (const arrive of log.late) arrive();

  for (const account of ACCOUNTS) {
    const arrived = [...(log.events.get(account)?.values() ?? [])];
    expect(new Set(arrived).size).toBe(arrived.length); // none under two ids, which would count twice
    const wanted = [...recorded].flatMap(([event, of]) => (of === account ? [event] : []));
    expect(arrived).toEqual(expect.arrayContaining(wanted));
    expect(arrived.filter((event) => owners.get(event) !== account)).toEqual([]);
  }
}

describe.each([
  ['a key-value storage', false],
  ['one text', true],
])('a queue in %s that tabs share', (_, isText) => {
  it(
    `loses no event, sends none as another learner, and none under two ids, in ${HISTORIES} histories`,
    async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40, size: 'max' }), (steps) => live(isText, steps)),
        { numRuns: HISTORIES },
      );
    },
    HISTORIES * 1000 + 60_000,
  );
});

it('refuses a token of another learner, and sends nothing', async () => {
  const device = new Device(new Log(), false);
  const { queue } = await device.open(0);
  await queue.record({ courseId: 'sound', lessonId: 'one', position: 1 });
  device.account = 'ben';
  await expect(queue.sync()).rejects.toThrow(WrongAccount);
  expect([queue.pending(), device.log.events.get('ben')?.size]).toEqual([1, 0]);
});
