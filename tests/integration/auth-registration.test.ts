import { attemptCounter } from '../../functions/auth/limit/attempt-limits.ts';
import { parsePublicKeys } from '../../shared/auth/key-set.ts';
import { verifyAccessToken } from '../../shared/auth/verify-access-token.ts';
import { PASSWORD, useAuth, useQuickPasswords } from '../support/functions/auth.ts';
import { useLogs } from '../support/jest/logs.ts';
import { AUDIENCE, ISSUER, publicKeySet, signingKey } from '../support/keys/access-tokens.ts';

useQuickPasswords();
const logs = useLogs();
const { register, login, send, call, as, database, mailbox } = useAuth();

const users = () => database.db().collection('users');
const sessions = () => database.db().collection('sessions');

afterEach(async () => {
  await users().deleteMany({});
  await sessions().deleteMany({});
  await database.db().collection('rateLimits').deleteMany({});
});

describe('registering', () => {
  it('creates an account and signs in to it', async () => {
    const { status, headers, body } = await register({ language: 'pt-BR', deviceName: 'Ada’s phone' });
    expect(status).toBe(201);
    expect(headers).toMatchObject({ 'Cache-Control': 'no-store' });
    expect(body).toEqual({
      user: {
        id: expect.stringMatching(/^[0-9a-f]{24}$/),
        email: 'ada@example.com',
        name: 'Ada',
        language: 'pt-BR',
        roles: ['learner'],
        emailVerified: false,
        createdAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      },
      tokens: {
        accessToken: expect.any(String),
        tokenType: 'Bearer',
        expiresIn: 900,
        refreshToken: expect.any(String),
        refreshExpiresIn: 30 * 86_400,
      },
    });
    const { items } = (await as(body.tokens.accessToken, 'GET /auth/sessions')).body;
    expect(items).toMatchObject([{ deviceName: 'Ada’s phone', current: true }]);
  });

  it('mails no text of the registrant to an unverified address', async () => {
    await register({ name: 'Win 1000: https://evil.example/claim now' });
    const mail = mailbox.mailsTo('ada@example.com').at(-1);
    expect(mail?.text).toMatch(/^Hello,/);
    expect(JSON.stringify(mail)).not.toContain('evil.example');
  });

  it.each(['\u200B', 'Ada\u202Eoom', 'Ada\u2028Moore', ' '])(
    'rejects the name %j, which would not display as written',
    async (name) => {
      expect(await register({ name })).toMatchObject({
        status: 400,
        body: { errors: [{ in: 'body', pointer: '/name' }] },
      });
    },
  );

  it('returns an access token that every function can verify', async () => {
    const { body } = await register();
    const claims = verifyAccessToken(body.tokens.accessToken, {
      keys: parsePublicKeys(publicKeySet(signingKey)),
      issuer: ISSUER,
      audience: AUDIENCE,
      now: new Date(),
    });
    expect(claims).toMatchObject({ sub: body.user.id, ep: 0, roles: ['learner'] });
    expect(claims.exp - claims.iat).toBe(900);
  });

  it('defaults to English', async () => {
    expect((await register()).body.user.language).toBe('en');
  });

  it('stores no password, token or network address in plain text', async () => {
    const { body } = await register({}, { sourceIp: '203.0.113.77' });
    const stored = JSON.stringify([
      await users().find().toArray(),
      await sessions().find().toArray(),
      await database.db().collection('rateLimits').find().toArray(),
    ]);
    for (const secret of [PASSWORD, body.tokens.accessToken, body.tokens.refreshToken, '203.0.113.77']) {
      expect(stored).not.toContain(secret);
    }
  });

  it('creates one account when concurrent, and answers email-taken to the others', async () => {
    const answers = await Promise.all([
      register({ name: 'One' }),
      register({ name: 'Two' }),
      register({ name: 'Three' }),
    ]);
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409, 409]);
    expect(answers.filter(({ status }) => status === 409)).toMatchObject([
      { body: { code: 'email-taken' } },
      { body: { code: 'email-taken' } },
    ]);
    expect([await users().countDocuments(), await sessions().countDocuments()]).toEqual([1, 1]);
  });

  it.each(['ADA@EXAMPLE.COM', ' ada@example.com ', 'ａda@example.com', 'ada@ｅxample.com'])(
    'treats %p as ada@example.com',
    async (email) => {
      await register();
      expect(await register({ email })).toMatchObject({ status: 409, body: { code: 'email-taken' } });
      expect((await login({ email })).status).toBe(200);
    },
  );

  it.each([
    ['8 emoji', '🦢🦢🦆🦆🐧🐧🦉🦉'],
    ['128 emoji', '🦢'.repeat(128)],
    ['a NUL', 'before\0after'],
    ['an operator as its text', '{"$gt":""}'],
  ])('accepts a password with %s, and compares all of it', async (_, password) => {
    expect((await register({ password })).status).toBe(201);
    expect((await login({ password })).status).toBe(200);
    expect((await login({ password: `${password.slice(0, -2)}!` })).status).toBe(401);
  });

  it.each<[string, Readonly<Record<string, unknown>>, string]>([
    ['a password of 7 emoji', { password: '🦢'.repeat(7) }, '/password'],
    ['a password of 129 emoji', { password: '🦢'.repeat(129) }, '/password'],
    ['a common password', { password: 'Password1' }, '/password'],
    ['an address with a display name', { email: 'Ada <ada@example.com>' }, '/email'],
    ['an address with a space', { email: 'ada moore@example.com' }, '/email'],
    ['an address with a NUL', { email: 'ada\0@example.com' }, '/email'],
    ['an address of 255 characters', { email: `${'x'.repeat(64)}@${`${'y'.repeat(61)}.`.repeat(3)}comm` }, '/email'],
    ['a look-alike address', { email: 'аda@example.com' }, '/email'],
    ['no name', { name: undefined }, '/name'],
    ['a blank name', { name: ' \u00a0 ' }, '/name'],
    ['a name of 101 characters', { name: 'x'.repeat(101) }, '/name'],
    ['a line break in the name', { name: 'Ada\r\nBcc: eve@example.com' }, '/name'],
    ['an invalid language', { language: 'english language' }, '/language'],
    ['a device name of 101 characters', { deviceName: 'x'.repeat(101) }, '/deviceName'],
    ['roles', { roles: ['admin'] }, '/roles'],
    ['a number as the name', { name: 5 }, '/name'],
  ])('rejects %s', async (_, details, pointer) => {
    const answer = await register(details);
    expect(answer).toMatchObject({ status: 400, body: { code: 'invalid-request', errors: [{ in: 'body', pointer }] } });
    expect(await users().countDocuments()).toBe(0);
  });

  it('accepts a name of 100 characters in any script', async () => {
    expect((await register({ name: '木'.repeat(100) })).body.user.name).toBe('木'.repeat(100));
  });
});

describe('registering too often', () => {
  it('is rejected for one network until the hour ends', async () => {
    const network = '203.0.113.7';
    const { id, attempts } = attemptCounter(process.env['RATE_LIMIT_KEY'] ?? '', 'registration from network', network);
    const windowEndsAt = new Date(Date.now() + 600_000);
    await database
      .db()
      .collection<{ _id: string }>('rateLimits')
      .insertOne({ _id: id, ...{ count: attempts - 1, windowEndsAt } });
    expect((await register({ email: 'last@example.com' }, { sourceIp: network })).status).toBe(201);
    const refused = await register({}, { sourceIp: network });
    expect(refused).toMatchObject({ status: 429, body: { code: 'too-many-requests' } });
    expect(refused.headers['Retry-After']).toMatch(/^\d+$/);
    expect((await register({}, { sourceIp: '203.0.113.8' })).status).toBe(201);
  });
});

describe('the body of a route', () => {
  const GOOD = {
    'POST /auth/register': {
      email: 'eve@example.com',
      password: PASSWORD,
      name: 'Eve',
      language: 'en',
      deviceName: 'x',
    },
    'POST /auth/login': { email: 'ada@example.com', password: PASSWORD, deviceName: 'x' },
    'POST /auth/refresh': { refreshToken: 'x' },
  } as const;
  const fields = Object.entries(GOOD).flatMap(([key, body]) => Object.keys(body).map((field) => [key, field] as const));

  const ATTACKS: readonly unknown[] = [
    { $ne: null },
    { $gt: '' },
    { $regex: '.*' },
    { $where: 'sleep(1000)' },
    ['ada@example.com'],
    { toString: 'ada@example.com' },
    null,
    true,
    0,
  ];

  it.each(fields)('%s accepts only text for %s', async (key, field) => {
    await register();
    for (const attack of ATTACKS) {
      const answer = await send(key, { ...GOOD[key as keyof typeof GOOD], [field]: attack });
      expect(answer).toMatchObject({ status: 400, body: { errors: [{ pointer: `/${field}` }] } });
    }
    expect(await users().countDocuments()).toBe(1);
  });

  it.each(Object.keys(GOOD))('%s rejects the keys of prototypes', async (key) => {
    for (const name of ['__proto__', 'constructor', 'prototype', '$where']) {
      const text = `{"${name}":{"roles":["admin"]},${JSON.stringify(GOOD[key as keyof typeof GOOD]).slice(1)}`;
      const answer = await call(key, { headers: { 'Content-Type': 'application/json' }, body: text });
      expect(answer).toMatchObject({ status: 400, body: { code: 'invalid-request' } });
    }
    expect(({} as { roles?: unknown }).roles).toBeUndefined();
  });

  it.each(Object.keys(GOOD))('%s rejects invalid JSON, other types than an object, and 10 MB', async (key) => {
    const headers = { 'Content-Type': 'application/json' };
    expect((await call(key, { headers, body: '{' })).body.code).toBe('invalid-json');
    for (const body of ['null', '[]', '"text"', '5']) expect((await call(key, { headers, body })).status).toBe(400);
    expect((await send(key, { ...GOOD['POST /auth/login'], password: 'x'.repeat(10_000_000) })).body.code).toBe(
      'payload-too-large',
    );
    expect((await call(key, { body: 'email=ada' })).body.code).toBe('unsupported-media-type');
  });
});

describe('the log', () => {
  it('contains no values from requests or answers', async () => {
    const { body } = await register({}, { sourceIp: '203.0.113.77' });
    await register();
    await login({ password: 'another guess of eve' });
    await send('POST /auth/refresh', { refreshToken: `${body.tokens.refreshToken.slice(0, -1)}!` });
    await register({ email: 'Ada <ada@example.com>', password: 'short' });
    expect(logs.lines().map(({ code }) => code)).toEqual([
      'email-taken',
      'invalid-credentials',
      'invalid-token',
      'invalid-request',
    ]);
    for (const secret of [
      'ada@example.com',
      PASSWORD,
      'another guess',
      body.tokens.refreshToken,
      '203.0.113.77',
      'short',
    ]) {
      expect(logs.text()).not.toContain(secret);
    }
  });
});
