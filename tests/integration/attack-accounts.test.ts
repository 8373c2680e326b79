import { isDeepStrictEqual } from 'node:util';
import { hashPassword } from '../../functions/auth/password/password-hash.ts';
import { handler as authorize } from '../../functions/authorizer/handler.ts';
import { publishCourse } from '../../publishing/publish/publish.ts';
import { COLLECTIONS } from '../../shared/db/collections.ts';
import { unscopedCollection } from '../../shared/db/unscoped.ts';
import { buildSession, buildUser } from '../support/builders/account.ts';
import { buildCourseSource, buildRecording } from '../support/builders/course-source.ts';
import { attackedAuthorizerEvent, loadTargets, type Target, takesToken } from '../support/contract/targets.ts';
import { snapshotOf } from '../support/database/contents.ts';
import { PASSWORD, useAuth, useQuickPasswords } from '../support/functions/auth.ts';
import { useClock } from '../support/jest/clock.ts';
import { buildToken } from '../support/keys/access-tokens.ts';
import { useMediaKey } from '../support/keys/media-keys.ts';

useQuickPasswords();
useMediaKey();
const clock = useClock();
const { database, mailbox, register, login, refresh, send, as } = useAuth();

const users = () => unscopedCollection(database.db(), COLLECTIONS.users);
const sessions = () => unscopedCollection(database.db(), COLLECTIONS.sessions);

/** Every route of every function, and those of them that have a body. */
let targets: readonly Target[];
let withBody: readonly Target[];

beforeAll(async () => {
  targets = await loadTargets();
  withBody = targets.filter(({ body }) => body !== undefined);
  await publishCourse(database.db(), buildCourseSource({ id: 'members', title: 'Members', access: 'members' }));
  // The examples of batches use these lessons, so that only the attack is invalid.
  const lessons = ['birds-at-dawn', 'echoes-and-rooms'].map((id) => buildRecording({ id }));
  await publishCourse(database.db(), buildCourseSource({ id: 'listening-to-the-world', title: 'Sound', lessons }));
});
beforeEach(async () => {
  const used = [COLLECTIONS.users, COLLECTIONS.sessions, COLLECTIONS.rateLimits];
  await Promise.all(used.map(({ name }) => database.db().collection(name).deleteMany({})));
});

const { parse, stringify } = JSON;

/** JSON Pointers to all texts in a JSON value. */
function textsIn(value: unknown, pointer = ''): readonly string[] {
  if (typeof value === 'string') return [pointer];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, member]) => textsIn(member, `${pointer}/${name}`));
}

/** A copy of a JSON value with one of its texts replaced. */
function withValueAt(value: unknown, pointer: string, put: unknown): unknown {
  const copy: unknown = parse(stringify(value));
  const names = pointer.split('/').slice(1);
  const last = names.pop() ?? '';
  const parent = names.reduce((found, name) => found[name] as Record<string, unknown>, copy as Record<string, unknown>);
  parent[last] = put;
  return copy;
}

/** Copies of a JSON text, each with an additional member in one of its objects. */
function withMember(json: string, member: string): readonly string[] {
  return [...json.matchAll(/\{(?=")/g)].map(
    ({ index }) => `${json.slice(0, index)}{${member},${json.slice(index + 1)}`,
  );
}

describe('the body of every route', () => {
  let before: Awaited<ReturnType<typeof snapshotOf>>;
  let headers: Readonly<Record<string, string>>;

  beforeEach(async () => {
    const roles = ['learner', 'author', 'admin'] as const;
    await users().insertOne(buildUser({ passwordHash: await hashPassword(PASSWORD), roles }));
    await sessions().insertOne(buildSession());
    before = await snapshotOf(database.db());
    headers = { Authorization: `Bearer ${buildToken({ claims: { roles } })}` };
  });
  afterEach(async () => expect(await snapshotOf(database.db())).toEqual(before));

  it.each<[unknown]>([
    [{ $ne: null }],
    [{ $gt: '' }],
    [{ $regex: '^' }],
    [{ $in: [''] }],
    [{ $where: 'sleep(1000)' }],
    [{ $expr: true }],
    [{ $function: { body: 'function() { return true }', args: [], lang: 'js' } }],
    [{ toString: 'ada@example.com', length: 20 }],
    [['ada@example.com']],
    [[{ $ne: null }]],
    [true],
    [0],
    [null],
  ])('is rejected without effect when it has %j in the place of a text', async (operator) => {
    for (const { key, body, attack } of withBody) {
      for (const pointer of textsIn(body)) {
        const { status, code, pointers } = await attack({ headers, body: withValueAt(body, pointer, operator) });
        expect([key, pointer, status, code]).toEqual([key, pointer, 400, 'invalid-request']);
        expect(pointers.some((invalid) => invalid.startsWith(pointer))).toBe(true);
      }
    }
  });

  it.each([
    '"__proto__": {"roles": ["admin"], "isAdmin": true}',
    '"constructor": {"prototype": {"isAdmin": true}}',
    '"prototype": {"isAdmin": true}',
    '"$where": "sleep(1000)"',
    '"$set": {"roles": ["admin"]}',
    '"roles": ["admin"]',
    '"roles.0": "admin"',
    '"_id": "65f1c0ffee65f1c0ffee65f1"',
    '"userId": "65f1c0ffee65f1c0ffee65f1"',
    '"": ""',
  ])('is rejected without effect when it has the additional member %s anywhere', async (member) => {
    for (const { key, body, attack } of withBody) {
      for (const text of withMember(stringify(body), member)) {
        const { status, code } = await attack({ headers, body: text });
        expect([key, text, status, code]).toEqual([key, text, 400, 'invalid-request']);
      }
    }
    expect(Object.keys(Object.prototype)).toEqual([]);
    expect(({} as { readonly isAdmin?: unknown }).isAdmin).toBeUndefined();
  });

  it('is rejected by its size before it is parsed: 10 MB in any field', async () => {
    const huge = 'x'.repeat(10 * 1024 * 1024);
    for (const { key, body, attack } of withBody) {
      for (const pointer of textsIn(body)) {
        const { status, code } = await attack({ headers, body: withValueAt(body, pointer, huge) });
        expect([key, pointer, status, code]).toEqual([key, pointer, 413, 'payload-too-large']);
      }
    }
  });
});

describe('an email address', () => {
  it('creates one account when registered concurrently in five spellings, and is taken for the others', async () => {
    const spellings = [
      'ada@example.com',
      'ADA@EXAMPLE.COM',
      'ａda@example.com',
      ' ada@ｅxample.com',
      'Ada@Example．com',
    ];
    const answers = await Promise.all(spellings.map((email) => register({ email })));
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409, 409, 409, 409]);
    expect([await users().countDocuments(), await sessions().countDocuments()]).toEqual([1, 1]);
  });

  it('receives mail in its registered spelling, not in the requested one', async () => {
    await register({ email: 'grace@example.com' });
    const sent = mailbox.mailsTo('grace@example.com').length;
    for (const email of ['GRACE@EXAMPLE.COM', 'ｇrace@example.com']) {
      expect(await send('POST /auth/password/forgot', { email })).toMatchObject({ status: 202 });
      expect(mailbox.mailsTo(email)).toEqual([]);
    }
    expect(mailbox.mailsTo('grace@example.com')).toHaveLength(sent + 2);
  });

  it('with a look-alike domain gets neither mail nor access of the other account', async () => {
    await register({ email: 'ida@example.com' });
    const sent = mailbox.mailsTo('ida@example.com').length;
    // A Cyrillic a.
    const email = 'ida@ex\u0430mple.com';
    expect(await send('POST /auth/password/forgot', { email })).toMatchObject({ status: 202 });
    expect(mailbox.mailsTo('ida@example.com')).toHaveLength(sent);
    expect(await login({ email })).toMatchObject({ status: 401, body: { code: 'invalid-credentials' } });
    expect(await register({ email, password: 'six geese a-laying' })).toMatchObject({ status: 201 });
    expect(await login({ email: 'ida@example.com', password: 'six geese a-laying' })).toMatchObject({ status: 401 });
    expect(await login({ email: 'ida@example.com' })).toMatchObject({ status: 200 });
  });

  it.each([
    'Ada <ada@example.com>',
    '"ada"@example.com',
    'ada(comment)@example.com',
    'ada@example.com, eve@example.com',
    'ada@example.com;eve@example.com',
    'ada@example.com eve@example.com',
    'eve@example.com\r\nBcc: ada@example.com',
    'ada@example.com\0@evil.example',
    'ada@evil.example@example.com',
    'ada@[127.0.0.1]',
    'ada@127.0.0.1',
    'ada@exam\u00adple.com',
    'ad\u200da@example.com',
    'ada@example.com\u202e',
  ])('is rejected by every route when it is %j', async (email) => {
    await register();
    for (const answer of [
      await register({ email }),
      await login({ email }),
      await send('POST /auth/password/forgot', { email }),
    ]) {
      expect(answer).toMatchObject({ status: 400, body: { code: 'invalid-request', errors: [{ pointer: '/email' }] } });
    }
    expect(await users().countDocuments()).toBe(1);
  });
});

describe('a new password', () => {
  const EIGHT = '🦢🦆🐧🦉🦢🦆🐧🦉';
  const LONGEST = '👩🏽‍🚀'.repeat(32);
  const lengths: readonly (readonly [string, string, number])[] = [
    ['8 code points', EIGHT, 204],
    ['128 code points, shown as 32 emoji', LONGEST, 204],
    ['7 code points in 14 UTF-16 units', EIGHT.slice(2), 400],
    ['129 code points', `${LONGEST}🦢`, 400],
  ];

  it.each(lengths)('is measured in code points by a change: %s', async (_, newPassword, status) => {
    const { accessToken } = (await register()).body.tokens;
    const headers = { Authorization: `Bearer ${accessToken}` };
    const change = { currentPassword: PASSWORD, newPassword };
    expect((await send('POST /auth/password', change, { headers })).status).toBe(status);
    expect((await login({ password: status === 204 ? newPassword : PASSWORD })).status).toBe(200);
  });

  it.each(lengths)('is measured in code points by a reset: %s', async (_, newPassword, status) => {
    await register();
    await send('POST /auth/password/forgot', { email: 'ada@example.com' });
    const token = mailbox.lastToken('ada@example.com');
    expect((await send('POST /auth/password/reset', { token, newPassword })).status).toBe(status);
    expect((await login({ password: status === 204 ? newPassword : PASSWORD })).status).toBe(200);
  });

  it('is compared completely, also after a null byte and after 72 bytes', async () => {
    for (const [at, password] of [`${'a'.repeat(72)}tail`, 'before the\0after it'].entries()) {
      const email = `learner-${at}@example.com`;
      expect((await register({ email, password })).status).toBe(201);
      for (const beginning of [password.slice(0, 72), password.split('\0')[0]]) {
        const { status } = await login({ email, password: beginning });
        expect(status).toBe(beginning === password ? 200 : 401);
      }
      expect((await login({ email, password })).status).toBe(200);
    }
  });
});

describe('an ended account', () => {
  type Pair = { readonly accessToken: string; readonly refreshToken: string };
  const HEADERS = { 'Content-Type': 'application/json' };

  /** Tokens of three devices, one of which has refreshed them. */
  async function signInThrice(): Promise<readonly Pair[]> {
    const first: Pair = (await register()).body.tokens;
    const second: Pair = (await login()).body.tokens;
    const third: Pair = (await refresh((await login()).body.tokens.refreshToken)).body.tokens;
    return [first, second, third];
  }

  const ends: readonly (readonly [string, (pair: Pair) => Promise<{ readonly status: number }>])[] = [
    [
      'deleted',
      ({ accessToken }) =>
        as(accessToken, 'DELETE /auth/me', { headers: HEADERS, body: stringify({ password: PASSWORD }) }),
    ],
    ['signed out everywhere', ({ accessToken }) => as(accessToken, 'POST /auth/logout-all')],
    [
      'recovered by mail',
      async () => {
        await send('POST /auth/password/forgot', { email: 'ada@example.com' });
        const token = mailbox.lastToken('ada@example.com');
        return send('POST /auth/password/reset', { token, newPassword: 'six geese a-laying' });
      },
    ],
  ];

  it.each(ends)('has no valid token after it was %s', async (_, end) => {
    const pairs = await signInThrice();
    expect(await end(pairs[0] as Pair)).toMatchObject({ status: 204 });
    const after = await snapshotOf(database.db());

    // Every function confirms the caller, except where a contract says `tokenOnly`.
    const own = targets.filter(
      (target) => takesToken(target) && !(target.route.tokenOnly && target.functionName !== 'auth'),
    );
    for (const { accessToken, refreshToken } of pairs) {
      const headers = { Authorization: `Bearer ${accessToken}` };
      const answers = await Promise.all(own.map(({ attack }) => attack({ headers })));
      const unconfirmed = answers
        .filter(({ code }) => code !== 'invalid-token')
        .map(({ key, status }) => `${key} answers ${status}`);
      if (unconfirmed.length > 0) {
        throw new Error(
          `${unconfirmed.join(', ')} to the token of an account that is gone: call requireCaller first, or, if the route stores nothing about the caller, set tokenOnly in contract.ts`,
        );
      }
      await expect(authorize(attackedAuthorizerEvent('members', { headers }))).rejects.toThrow(/^Unauthorized$/);
      expect(await refresh(refreshToken)).toMatchObject({ status: 401, body: { code: 'invalid-token' } });
    }
    // Routes with `tokenOnly` accept the token, and store nothing.
    for (const { key, attack } of targets.filter(({ route }) => route.tokenOnly)) {
      for (const { accessToken } of pairs) await attack({ headers: { Authorization: `Bearer ${accessToken}` } });
      if (!isDeepStrictEqual(await snapshotOf(database.db()), after)) {
        throw new Error(
          `${key} stores something for the token of an account that is gone: call requireCaller first, and remove tokenOnly from its contract.ts`,
        );
      }
    }
    expect(await snapshotOf(database.db())).toEqual(after);

    // They reject the token once it has expired.
    clock.advance(15 * 60 + 30);
    for (const { accessToken } of pairs) {
      const headers = { Authorization: `Bearer ${accessToken}` };
      const answers = await Promise.all(targets.filter(takesToken).map(({ attack }) => attack({ headers })));
      expect(answers.filter(({ code }) => code !== 'token-expired')).toEqual([]);
    }
  });

  it('is not accessible with its old tokens after its address is registered again', async () => {
    const pairs = await signInThrice();
    const [deletion] = ends;
    await deletion?.[1](pairs[0] as Pair);
    expect(await register({ name: 'Another Ada' })).toMatchObject({ status: 201 });
    for (const { accessToken, refreshToken } of pairs) {
      expect((await as(accessToken, 'GET /auth/me')).status).toBe(401);
      expect((await refresh(refreshToken)).status).toBe(401);
    }
  });
});
