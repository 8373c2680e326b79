import fc from 'fast-check';
import { PASSWORD, useAuth, useQuickPasswords } from '../support/functions/auth.ts';
import { useClock } from '../support/jest/clock.ts';
import { flakyNetwork, type Send } from '../support/progress/flaky-network.ts';
import { type SeededRandom, seededRandom } from '../support/progress/seeded-random.ts';
import { authServer, BASE_URL } from '../support/session/auth-server.ts';
import { Device, webLocks } from '../support/session/device.ts';

import { subjectOf } from '../support/session/subject.ts';

/* Tabs of one device against the real auth function, with everything between them that fails. */

useQuickPasswords();
const { as, register } = useAuth();
const clock = useClock();

const ROUNDS = Number(process.env['LECTERN_FUZZ_ROUNDS'] ?? 25);
const TABS = [0, 1, 2];

/**
 * Loses requests and replies, and puts a portal in the server's place. Only renewals are also repeated and late: a sign-in
 * that arrives after the next one on the same device replaces it.
 */
function network(random: SeededRandom): Send {
  const flaky = flakyNetwork(authServer, random);
  return async (url, init) => {
    if (url.endsWith('/refresh')) return flaky.send(url, init);
    const fault = random.below(8);
    if (fault === 0) throw new TypeError('The request was lost');
    if (fault === 1) return new Response('<title>Welcome</title>', { status: random.pick([200, 302, 401, 403, 511]) });
    const response = await authServer(url, init);
    if (fault === 2) throw new TypeError('The reply was lost');
    return response;
  };
}

/** Swallows what an app retries. Fails on everything else. */
async function attempt<T>(work: Promise<T>, ...expected: readonly string[]): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (!['RequestFailed', ...expected].includes((error as Error).name)) throw error;
    return undefined;
  }
}

let count = 0;
const newEmail = () => {
  count += 1;
  return `fuzz-${count}@example.com`;
};

beforeEach(() => {
  Object.defineProperty(globalThis, 'navigator', { value: { locks: webLocks }, configurable: true, writable: true });
});

const tab = fc.constantFrom(...TABS);
const seed = fc.integer();
const chances = fc.record({ crash: fc.constantFrom(0, 0.05, 0.2), refuse: fc.constantFrom(0, 0.2, 1) });

describe('a session', () => {
  const step = fc.oneof(
    { weight: 5, arbitrary: fc.record({ kind: fc.constant('token' as const), tab, renewed: fc.boolean() }) },
    {
      weight: 3,
      arbitrary: fc.record({
        kind: fc.constant('pass' as const),
        seconds: fc.constantFrom(20, 59, 61, 400, 900, 86_400),
      }),
    },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('kill' as const), tab }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('chances' as const), chances }) },
  );
  const schedule = fc.array(fc.array(step, { minLength: 1, maxLength: 4 }), { minLength: 3, maxLength: 20 });

  it.each([
    ['with locks between tabs', true],
    ['without locks between tabs', false],
  ])('survives every network, storage and crash, %s', async (_, locks) => {
    if (!locks)
      Object.defineProperty(globalThis, 'navigator', { value: undefined, configurable: true, writable: true });
    await fc.assert(
      fc.asyncProperty(seed, schedule, async (number, rounds) => {
        const random = seededRandom(number);
        let send = authServer;
        const device = new Device({ baseUrl: BASE_URL, fetch: (url, init) => send(url, init), random, locks });
        const user = await device.in(0, (session) =>
          session.signUp({ email: newEmail(), password: PASSWORD, name: 'Ada' }),
        );
        const userId = user?.id ?? '';
        const token = (at: number, renewed: boolean) =>
          attempt(device.in(at, (session) => session.accessTokenOf(userId)(renewed)));

        send = network(random);
        for (const round of rounds) {
          await Promise.all(
            round.map(async (each) => {
              if (each.kind === 'token') await token(each.tab, each.renewed);
              if (each.kind === 'kill') await device.kill(each.tab);
              if (each.kind === 'pass') clock.advance(each.seconds);
              if (each.kind === 'chances') device.chances = each.chances;
            }),
          );
        }

        send = authServer;
        device.chances = { crash: 0, refuse: 0 };
        for (const at of TABS) {
          clock.advance(900);
          const fresh = (await token(at, true)) ?? '';
          const me = await as(fresh, 'GET /auth/me');
          expect({ at, status: me.status, id: me.body.id }).toEqual({ at, status: 200, id: userId });
        }
        expect(device.reasons).toEqual([]);
        await device.close();
      }),
      { numRuns: ROUNDS },
    );
  });
});

describe('two learners on one device', () => {
  const who = fc.constantFrom(0, 1);
  const step = fc.oneof(
    { weight: 5, arbitrary: fc.record({ kind: fc.constant('token' as const), tab, who, renewed: fc.boolean() }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('sign in' as const), tab, who }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('sign out' as const), tab }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('pass' as const), seconds: fc.constantFrom(59, 400, 900) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('kill' as const), tab }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('chances' as const), chances }) },
  );
  const schedule = fc.array(fc.array(step, { minLength: 1, maxLength: 4 }), { minLength: 3, maxLength: 20 });

  it('never get tokens of each other', async () => {
    await fc.assert(
      fc.asyncProperty(seed, schedule, async (number, rounds) => {
        const random = seededRandom(number);
        let send = authServer;
        const device = new Device({ baseUrl: BASE_URL, fetch: (url, init) => send(url, init), random, locks: true });
        const learners = await Promise.all(
          [0, 1].map(async () => {
            const credentials = { email: newEmail(), password: PASSWORD };
            const { body } = await register(credentials, { sourceIp: '10.0.0.1' });
            return { credentials, id: String(body.user.id) };
          }),
        );
        const learner = (index: number) => learners[index] as (typeof learners)[number];

        send = network(random);
        for (const round of rounds) {
          await Promise.all(
            round.map(async (each) => {
              switch (each.kind) {
                case 'token': {
                  const { id } = learner(each.who);
                  const token = await attempt(
                    device.in(each.tab, (session) => session.accessTokenOf(id)(each.renewed)),
                    'SignedOut',
                  );
                  if (token !== undefined) expect(subjectOf(token)).toBe(id);
                  return;
                }
                case 'sign in': {
                  const { credentials, id } = learner(each.who);
                  const user = await attempt(
                    device.in(each.tab, (session) => session.signIn(credentials)),
                    'SignedOut',
                  );
                  if (user !== undefined) expect(user.id).toBe(id);
                  return;
                }
                case 'sign out':
                  await device.in(each.tab, async (session) => {
                    const done = session.signOut();
                    expect(session.user()).toBeNull();
                    await done;
                  });
                  return;
                case 'pass':
                  return clock.advance(each.seconds);
                case 'kill':
                  return device.kill(each.tab);
                case 'chances':
                  device.chances = each.chances;
              }
            }),
          );
          const { account } = JSON.parse(device.storage.text ?? '{"account":null}');
          if (account !== null) expect(subjectOf(account.accessToken)).toBe(account.user.id);
        }

        send = authServer;
        device.chances = { crash: 0, refuse: 0 };
        const { credentials, id } = learner(random.below(2));
        await device.in(0, (session) => session.signIn(credentials));
        for (const at of TABS) {
          const token = await device.in(at, (session) => session.accessToken(true));
          expect(subjectOf(token ?? '')).toBe(id);
        }
        await device.in(1, (session) => session.signOut());
        for (const at of TABS) {
          await expect(device.in(at, (session) => session.accessToken(true))).rejects.toMatchObject({
            name: 'SignedOut',
          });
        }
        expect(device.storage.text).not.toMatch(/accessToken|refreshToken/);
        await device.close();
      }),
      { numRuns: ROUNDS },
    );
  });
});
