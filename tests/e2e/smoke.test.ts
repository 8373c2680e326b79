import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { setTimeout as wait } from 'node:timers/promises';
import { freePort } from '../../local/http/listen.ts';
import type { Role } from '../../shared/auth/roles.ts';
import { COLLECTIONS } from '../../shared/db/collections.ts';
import { unscopedCollection } from '../../shared/db/unscoped.ts';
import type { Outcome } from '../../tools/smoke/checks.ts';
import { smoke } from '../../tools/smoke/smoke.ts';
import { type HttpLearner, registerLearner } from '../support/system/client.ts';
import { type Fault, type FaultyProxy, openFaultyProxy, type Passing } from '../support/system/faulty-proxy.ts';
import { runScript, startScript } from '../support/system/script.ts';
import { useSystem } from '../support/system/system.ts';

jest.setTimeout(60_000);

const { system, database } = useSystem();

/** The id of a course or a lesson. */
const COURSE = '[a-z-]+';

let proxy: FaultyProxy;
let learner: HttpLearner;
beforeAll(async () => {
  proxy = await openFaultyProxy(system());
  learner = await registerLearner(system().apiUrl, 'smoke@example.com');
});
afterAll(() => proxy.close());
afterEach(() => proxy.breakBy(() => null));

/** The test account's documents that the smoke test makes: its own session is from the registration. */
async function leftovers(): Promise<Readonly<Record<string, number>>> {
  const { id: userId } = learner;
  const db = database.db();
  return {
    sessions: await unscopedCollection(db, COLLECTIONS.sessions).countDocuments({ userId, deviceName: 'Smoke test' }),
    feeds: await unscopedCollection(db, COLLECTIONS.feeds).countDocuments({ userId }),
    joined: await unscopedCollection(db, COLLECTIONS.progress).countDocuments({ userId, joinedAt: { $ne: null } }),
  };
}

/** An admin may read the restricted course, whose recordings are streams. */
async function setRoles(roles: readonly Role[]): Promise<void> {
  const users = unscopedCollection(database.db(), COLLECTIONS.users);
  await users.updateOne({ _id: learner.id }, { $set: { roles } });
}

const NOTHING = { sessions: 0, feeds: 0, joined: 0 };

async function run(
  fault: Parameters<FaultyProxy['breakBy']>[0] = () => null,
  options: Partial<Parameters<typeof smoke>[1]> = {},
): Promise<Outcome & { readonly lines: readonly string[] }> {
  const lines: string[] = [];
  proxy.breakBy(fault);
  const outcome = await smoke(proxy.apiUrl, {
    account: learner,
    print: (line) => lines.push(line),
    timeoutMs: 10_000,
    ...options,
  });
  return { ...outcome, lines };
}

/** Applies to one route, given as `METHOD pattern`. */
const on = (route: string, fault: Fault) => {
  const pattern = new RegExp(`^${route}$`);
  return ({ method, path }: Passing) => (pattern.test(`${method} ${path}`) ? fault : null);
};

/** Applies to one route once. */
const onceOn = (route: string, fault: Fault) => {
  const always = on(route, fault);
  let isDone = false;
  return (passing: Passing) => {
    const found = isDone ? null : always(passing);
    isDone ||= found !== null;
    return found;
  };
};

/** Begins after the first request to another route. */
const onceAfter = (route: string, fault: (passing: Passing) => Fault | null) => {
  const isFirst = on(route, 'no answer');
  let hasBegun = false;
  return (passing: Passing) => {
    hasBegun ||= isFirst(passing) !== null;
    return hasBegun ? fault(passing) : null;
  };
};

/** A catalog of only these courses. */
const catalogOf = (items: readonly unknown[]) =>
  on('GET /courses', { insteadOf: 'answer', status: 200, body: JSON.stringify({ items, nextCursor: null }) });

const failures = (lines: readonly string[]) => lines.filter((line) => line.startsWith('FAIL'));

describe('a smoke test', () => {
  it('passes every check of a working system and leaves nothing', async () => {
    const { lines, ...outcome } = await run();
    expect(lines.filter((line) => !line.startsWith('ok '))).toEqual([]);
    expect(outcome).toEqual({ passed: lines.length, failed: 0, notTried: 0 });
    expect(await leftovers()).toEqual(NOTHING);
  });

  it('passes again at once, and for an account that may read everything', async () => {
    await setRoles(['learner', 'admin']);
    const { lines, ...outcome } = await run();
    expect(outcome).toMatchObject({ failed: 0, notTried: 0 });
    expect(lines.find((line) => line.includes('playback grant'))).toContain('application/vnd.apple.mpegurl');
    expect(await leftovers()).toEqual(NOTHING);
    await setRoles(['learner']);
  });

  it('sends each request once, and prints no token and no signed address', async () => {
    const printed: string[] = [];
    const secrets: string[] = [];
    await run(
      ({ headers, path }) => {
        secrets.push(String(headers.authorization ?? '').replace('Bearer ', ''), path.replace(/^\/feeds\//, ''));
        return path.startsWith('/feeds/') ? { status: 503 } : null;
      },
      { print: (line) => printed.push(line) },
    );
    const feedTokens = secrets.filter((secret) => /^[\w-]{43}$/.test(secret));
    const accessTokens = secrets.filter((secret) => secret.split('.').length === 3);
    expect(feedTokens.length).toBe(1);
    expect(accessTokens.length).toBeGreaterThan(5);
    for (const secret of [...feedTokens, ...accessTokens, learner.password]) {
      expect(printed.join('\n')).not.toContain(secret);
    }
    expect(printed.join('\n')).not.toMatch(/Signature=|Policy=/);
  });

  it('says what it does not try without a published course, and does not count it as passed', async () => {
    const { lines, failed, notTried } = await run(catalogOf([]));
    expect(failed).toBe(0);
    expect(notTried).toBe(lines.filter((line) => line.startsWith('--')).length);
    expect(lines).toContainEqual('--    a course to read: not tried: the account may read no published course');
    expect(lines).toContainEqual('--    podcast feed: not tried: no lesson to read');
    expect(await leftovers()).toEqual(NOTHING);
  });

  it('says what it does not try without a recording', async () => {
    const { body } = await learner.request('GET', '/courses?topic=writing');
    expect(body.items).toMatchObject([{ formats: ['article'] }]);
    const { lines, failed, notTried } = await run(catalogOf(body.items));
    expect({ failed, notTried }).toEqual({ failed: 0, notTried: 3 });
    const reason = 'not tried: no course with a recording that the account may read';
    expect(lines).toContainEqual(`--    playback grant: ${reason}`);
    expect(lines).toContainEqual(`--    recording: ${reason}`);
    expect(lines).toContainEqual(`--    recording without a grant: ${reason}`);
    expect(await leftovers()).toEqual(NOTHING);
  });

  it('tries without an account only what needs none', async () => {
    const { lines, ...outcome } = await run(undefined, { account: null });
    expect(outcome).toEqual({ passed: 3, failed: 0, notTried: lines.length - 3 });
    expect(lines).toContainEqual('--    sign-in: not tried: no test account');
  });

  it('does not touch a course that the account has progress in, nor its feed', async () => {
    const other = await registerLearner(system().apiUrl, 'busy@example.com');
    const { body } = await other.request('GET', '/courses');
    const courses: string[] = body.items.map(({ id }: { readonly id: string }) => id);
    for (const course of courses) await other.request('PUT', `/progress/${course}`);
    const before = await other.request('GET', '/progress');
    const { lines, failed } = await run(undefined, { account: other });
    expect(failed).toBe(0);
    expect(lines.join('\n')).toContain('--    progress: not tried: the account has progress');
    expect(lines.join('\n')).toContain('--    podcast feed: not tried: the account has progress');
    const after = await other.request('GET', '/progress');
    expect(after.body.items).toEqual(before.body.items);
  });

  it('waits for one that is running with the same account, so that deployments do not fail each other', async () => {
    let looks = 0;
    let hasRecorded = false;
    let second: Promise<Outcome> | null = null;
    const { lines } = await run(async ({ method, path }) => {
      if (path === '/auth/sessions') looks += 1;
      hasRecorded ||= method === 'PUT';
      if (!hasRecorded || method !== 'GET' || second !== null) return null;
      // The first has recorded its progress, and reads it after the second has looked twice.
      looks = 0;
      second = smoke(proxy.apiUrl, { account: learner, print: () => undefined, turnIntervalMs: 20 });
      const ended = second.then(() => true);
      while (looks < 2 && !(await Promise.race([ended, wait(20, false)])));
      return null;
    });
    expect(failures(lines)).toEqual([]);
    expect(looks).toBeGreaterThan(2);
    expect(await second).toMatchObject({ failed: 0, notTried: 0 });
    expect(await leftovers()).toEqual(NOTHING);
  });

  it('does not wait for one that was killed a minute ago', async () => {
    const { email, password } = learner;
    await learner.request('POST', '/auth/login', { email, password, deviceName: 'Smoke test' });
    const killed = unscopedCollection(database.db(), COLLECTIONS.sessions);
    await killed.updateOne({ deviceName: 'Smoke test' }, { $set: { createdAt: new Date(Date.now() - 60_000) } });
    expect(await run(undefined, { turnIntervalMs: 600_000 })).toMatchObject({ failed: 0, notTried: 0 });
    await killed.deleteMany({ deviceName: 'Smoke test' });
  });

  it('removes what an earlier one left when it was killed', async () => {
    const nothingEnds = ({ method }: Passing) => (method === 'DELETE' ? ({ status: 503 } as const) : null);
    expect(failures((await run(nothingEnds)).lines).join('\n')).toContain('clean-up');
    expect(await leftovers()).toMatchObject({ feeds: 1, joined: 1 });
    expect(await run()).toMatchObject({ failed: 0, notTried: 0 });
    expect(await leftovers()).toEqual(NOTHING);
  });
});

describe('a smoke test catches', () => {
  const BROKEN = { status: 500, body: '{"code":"internal-error"}' } as const;
  const wrong = (body: unknown, status = 200) =>
    ({ insteadOf: 'answer', status, body: typeof body === 'string' ? body : JSON.stringify(body) }) as const;
  const media = (fault: Fault) => (passing: Passing) => (passing.to === 'media' ? fault : null);
  const LESSON = `/courses/${COURSE}/lessons/${COURSE}`;

  const FAULTS: readonly (readonly [string, (passing: Passing) => Fault | null, RegExp])[] = [
    [
      'a catalog that fails',
      on('GET /courses', BROKEN),
      /^FAIL {2}catalog: GET \/courses\S*: 500 internal-error instead of 200 \(requestId id-of-the-fault\)$/,
    ],
    ['a catalog of something else', on('GET /courses', wrong('<html>')), /^FAIL {2}catalog: .*not a JSON object/],
    [
      'compression for a client that does not ask',
      ({ path, headers }) =>
        path === '/courses' && headers['accept-encoding'] === 'identity'
          ? { insteadOf: 'answer', status: 200, body: '{"items":[]}', headers: { 'content-encoding': 'br' } }
          : null,
      /^FAIL {2}compression: /,
    ],
    ['missing keys', on('GET /.well-known/jwks.json', wrong({ keys: [] })), /^FAIL {2}public keys: .*no key/],
    [
      'keys that do not verify the tokens',
      on('GET /.well-known/jwks.json', wrong({ keys: [{ kty: 'EC', crv: 'P-256', kid: 'other' }] })),
      /^FAIL {2}token: no published key/,
    ],
    ['a sign-in that fails', on('POST /auth/login', BROKEN), /^FAIL {2}sign-in: .*500/],
    [
      'a sign-in that answers something else',
      onceOn('POST /auth/login', wrong({})),
      /^FAIL {2}sign-in: .*no tokens.accessToken/,
    ],
    ['an account that fails', on('GET /auth/me', BROKEN), /^FAIL {2}account: .*500/],
    [
      'tokens that are not checked',
      ({ path, headers }) => (path === '/auth/me' && headers.authorization === undefined ? wrong({}) : null),
      /^FAIL {2}wrong tokens: GET \/auth\/me: 200 instead of 401/,
    ],
    ['an outline that fails', on(`GET /courses/${COURSE}`, BROKEN), /^FAIL {2}a course to read: .*500/],
    ['a lesson that fails', on(`GET ${LESSON}`, BROKEN), /^FAIL {2}a course to read: .*500/],
    [
      'a lesson that is open to everyone',
      ({ path, headers }) =>
        new RegExp(`^${LESSON}$`).test(path) && headers.authorization === undefined ? wrong({}) : null,
      /^FAIL {2}guarded lesson: .*200 instead of 401/,
    ],
    ['a grant that fails', on(`GET ${LESSON}/media-url`, BROKEN), /^FAIL {2}playback grant: .*500/],
    ['a grant of something else', on(`GET ${LESSON}/media-url`, wrong({})), /^FAIL {2}playback grant: .*no kind/],
    [
      'a recording that its grant does not open',
      media({ status: 403 }),
      /^FAIL {2}recording: GET the recording: 403 instead of 206/,
    ],
    ['a recording without byte ranges', media(wrong('bytes')), /^FAIL {2}recording: .*200 instead of 206/],
    ['a recording that is something else', media(wrong('<html>', 206)), /^FAIL {2}recording: .*not the first bytes/],
    [
      'a recording that is open to everyone',
      media(wrong('bytes')),
      /^FAIL {2}recording without a grant: the recording is open to everyone/,
    ],
    ['an event that fails', on(`PUT /progress/${COURSE}/lessons/${COURSE}`, BROKEN), /^FAIL {2}progress: .*500/],
    [
      'an event that is not recorded',
      on(`PUT /progress/${COURSE}/lessons/${COURSE}`, { status: 200, body: '{"status":"applied"}' }),
      /^FAIL {2}progress: .*not stored/,
    ],
    [
      'a course that cannot be left',
      onceOn(`DELETE /progress/${COURSE}`, BROKEN),
      /^FAIL {2}leaving the course: .*500/,
    ],
    [
      'a course that is not left',
      onceOn(`DELETE /progress/${COURSE}`, { status: 204 }),
      /^FAIL {2}leaving the course: .*there is still progress/,
    ],
    ['a feed that cannot be opened', on(`POST /courses/${COURSE}/feed`, BROKEN), /^FAIL {2}podcast feed: .*500/],
    [
      'a feed that is something else',
      on('GET /feeds/.*', wrong('<html></html>')),
      /^FAIL {2}podcast feed: GET \/feeds\/\{feedToken\}: it is not a feed/,
    ],
    [
      'a feed that is not revoked',
      onceOn(`DELETE /courses/${COURSE}/feed`, { status: 204 }),
      /^FAIL {2}revoked feed: .*200 instead of 404/,
    ],
    ['a sign-out that fails', onceOn('POST /auth/logout', BROKEN), /^FAIL {2}sign-out: .*500/],
    [
      'a sign-out that ends nothing',
      onceOn('POST /auth/logout', { status: 204 }),
      /^FAIL {2}sign-out: .*200 instead of 401/,
    ],
  ];

  it.each(FAULTS)('%s', async (_, fault, expected) => {
    const { lines, failed } = await run(fault);
    expect(failures(lines).some((line) => expected.test(line)) ? 'caught' : lines).toBe('caught');
    expect(failed).toBe(failures(lines).length);
    expect(await leftovers()).toEqual(NOTHING);
  });

  it('an answer that does not come in time', async () => {
    const { lines } = await run(on('GET /courses', 'no answer'), { timeoutMs: 3000 });
    expect(lines[0]).toBe('FAIL  catalog: GET /courses?limit=100: no complete answer within 3 s');
    expect(await leftovers()).toEqual(NOTHING);
  });

  it('a system that is not there', async () => {
    const lines: string[] = [];
    const account = learner;
    const outcome = await smoke(`http://127.0.0.1:${await freePort()}/v1`, {
      account,
      print: (line) => lines.push(line),
    });
    expect(outcome).toMatchObject({ passed: 0, failed: 5 });
    expect(lines[0]).toBe('FAIL  catalog: GET /courses?limit=100: no answer: ECONNREFUSED');
  });
});

describe('after a failure half way, a smoke test leaves nothing', () => {
  const BROKEN = { status: 503 } as const;
  const LOST = { insteadOf: 'answer', status: 502, body: '' } as const;

  it.each<readonly [string, (passing: Passing) => Fault | null]>([
    ['when the sign-in succeeded but its answer was lost', onceOn('POST /auth/login', LOST)],
    ['when an event was recorded but its answer was lost', onceOn('PUT /progress/.*', LOST)],
    ['when the progress cannot be read back', onceAfter('PUT /progress/.*', on('GET /progress/.*', BROKEN))],
    ['when a feed was opened but its answer was lost', onceOn('POST /courses/.*/feed', LOST)],
    ['when the feed cannot be read', on('GET /feeds/.*', BROKEN)],
    ['when the feed was not revoked at first', onceOn('DELETE /courses/.*/feed', BROKEN)],
    ['when the course was not left at first', onceOn('DELETE /progress/.*', BROKEN)],
    ['when the sign-out failed at first', onceOn('POST /auth/logout', BROKEN)],
  ])('%s', async (_, fault) => {
    const { failed } = await run(fault);
    expect(failed).toBeGreaterThan(0);
    expect(await leftovers()).toEqual(NOTHING);
  });

  it('or says what it could not remove', async () => {
    const { lines } = await run(on('DELETE /courses/.*/feed', BROKEN));
    expect(failures(lines).at(-1)).toMatch(
      /^FAIL {2}clean-up: the podcast feed of \S+ may be left: DELETE \S+: 503 instead of 204/,
    );
    expect(await leftovers()).toEqual({ ...NOTHING, feeds: 1 });
    await learner.request('DELETE', `/courses/${lines.join().match(/feed of (\S+)/)?.[1]}/feed`);
  });
});

describe('npm run smoke', () => {
  const env = () => ({ LECTERN_SMOKE_EMAIL: learner.email, LECTERN_SMOKE_PASSWORD: learner.password });

  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('cleans up after %s', async (signal) => {
    const child = startScript('scripts/smoke.ts', [proxy.apiUrl], env());
    const exited = once(child, 'exit');
    const output = text(child.stdout);
    proxy.breakBy(({ path }) => {
      if (path.startsWith('/feeds/')) child.kill(signal);
      return null;
    });
    expect(await exited).toEqual([1, null]);
    expect(await output).toContain('FAIL  interrupted');
    expect(await leftovers()).toEqual(NOTHING);
  });

  it('cleans up when nobody reads its output any more, as after `| head`', async () => {
    const child = startScript('scripts/smoke.ts', [proxy.apiUrl], env());
    const exited = once(child, 'exit');
    child.stdout.once('data', () => child.stdout.destroy());
    expect(await exited).toEqual([0, null]);
    expect(await leftovers()).toEqual(NOTHING);
  });

  it.each([
    ['a password', 'https://learner:hunter2@api.example.com/v1'],
    ['a query', 'https://api.example.com/v1?stage=prod'],
    ['a fragment', 'https://api.example.com/v1#courses'],
  ])('refuses an address with %s, and does not repeat it', async (_, address) => {
    const { code, stdout, stderr } = await runScript('scripts/smoke.ts', [address], env());
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/^The address must end with the stage/);
    expect(stderr).not.toContain('hunter2');
  });

  it('exits with 0 if no check fails, and with 1 if one does', async () => {
    const runOnce = async () => {
      const child = startScript('scripts/smoke.ts', [proxy.apiUrl], env());
      const [output, [code]] = await Promise.all([text(child.stdout), once(child, 'exit')]);
      return { code, last: output.trim().split('\n').at(-1) };
    };
    expect(await runOnce()).toEqual({ code: 0, last: '17 passed, 0 failed, 0 not tried' });
    proxy.breakBy(on('GET /courses', { status: 503 }));
    expect((await runOnce()).code).toBe(1);
  });
});
