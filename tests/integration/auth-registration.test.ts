import { randomUUID } from 'node:crypto';
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

describe('registering again with the attempt of a lost reply', () => {
  const attempt = () => ({ attemptId: randomUUID(), deviceId: randomUUID() });

  it('signs in to the account that the attempt created, as if no reply had been lost', async () => {
    const details = { ...attempt(), name: 'Ada Moore', language: 'fr' };
    const lost = await register(details);
    const again = await register({ ...details, attemptId: details.attemptId.toUpperCase() });
    expect(again.status).toBe(201);
    expect(again.body.user).toEqual(lost.body.user);
    const { items } = (await as(again.body.tokens.accessToken, 'GET /auth/sessions')).body;
    expect(items).toMatchObject([{ deviceId: details.deviceId, current: true }]);
    expect((await as(lost.body.tokens.accessToken, 'GET /auth/me')).status).toBe(401);
    expect(await users().countDocuments()).toBe(1);
  });

  it('works from another network, and after the address was verified', async () => {
    const details = attempt();
    await register(details, { sourceIp: '203.0.113.7' });
    await send('POST /auth/email/verify', { token: mailbox.lastToken('ada@example.com') });
    const again = await register(details, { sourceIp: '198.51.100.1' });
    expect(again).toMatchObject({ status: 201, body: { user: { emailVerified: true } } });
  });

  it('works for ten concurrent requests: one account, one session, one mail', async () => {
    const details = { ...attempt(), email: 'hasty@example.com' };
    const answers = await Promise.all(Array.from({ length: 10 }, () => register(details)));
    expect(answers.map(({ status }) => status)).toEqual(Array(10).fill(201));
    expect(new Set(answers.map(({ body }) => body.user.id)).size).toBe(1);
    expect([await users().countDocuments(), await sessions().countDocuments()]).toEqual([1, 1]);
    expect(mailbox.mailsTo(details.email)).toHaveLength(1);
  });

  it('sends the mail that an earlier try did not come to send, and no second one', async () => {
    const details = { ...attempt(), email: 'unlucky@example.com' };
    await register(details);
    await users().updateOne({ email: details.email }, { $unset: { 'pending.verify': '' } });
    for (let time = 0; time < 2; time += 1) expect((await register(details)).status).toBe(201);
    expect(mailbox.mailsTo(details.email)).toHaveLength(2);
    const { status } = await send('POST /auth/email/verify', { token: mailbox.lastToken(details.email) });
    expect(status).toBe(204);
  });

  it.each<[string, (details: ReturnType<typeof attempt>) => Readonly<Record<string, unknown>>]>([
    ['without an attempt', ({ deviceId }) => ({ deviceId })],
    ['with another attempt', (details) => ({ ...details, attemptId: randomUUID() })],
    ['with another password', (details) => ({ ...details, password: 'six geese a-laying' })],
  ])('is email-taken %s, and leaves the session', async (_, change) => {
    const details = attempt();
    const { accessToken } = (await register(details)).body.tokens;
    const refused = await register(change(details));
    const foreign = await register();
    expect(refused).toMatchObject({ status: 409, body: { code: 'email-taken' } });
    expect({ ...refused.body, requestId: '' }).toEqual({ ...foreign.body, requestId: '' });
    expect((await as(accessToken, 'GET /auth/me')).status).toBe(200);
  });

  it('is email-taken for an account that was created without an attempt', async () => {
    await register();
    expect(await register(attempt())).toMatchObject({ status: 409, body: { code: 'email-taken' } });
  });

  it('is email-taken with the former password', async () => {
    const details = attempt();
    const { accessToken } = (await register(details)).body.tokens;
    const change = { currentPassword: PASSWORD, newPassword: 'six geese a-laying' };
    await send('POST /auth/password', change, { headers: { Authorization: `Bearer ${accessToken}` } });
    expect((await register(details)).body.code).toBe('email-taken');
  });

  it('limits guesses of the password as a sign-in does', async () => {
    const details = attempt();
    await register(details);
    const guesses: number[] = [];
    for (let n = 0; n < 12; n += 1) guesses.push((await register({ ...details, password: `a guess ${n}` })).status);
    expect(guesses).toEqual([...Array(10).fill(409), 429, 429]);
  });

  it('creates a new account after the account was deleted', async () => {
    const details = attempt();
    const { user, tokens } = (await register(details)).body;
    const headers = { Authorization: `Bearer ${tokens.accessToken}` };
    expect((await send('DELETE /auth/me', { password: PASSWORD }, { headers })).status).toBe(204);
    const again = await register(details);
    expect(again.status).toBe(201);
    expect(again.body.user.id).not.toBe(user.id);
  });

  it('stores the attempt only as a hash that differs between accounts', async () => {
    const details = attempt();
    for (const email of ['ada@example.com', 'eve@example.com']) await register({ ...details, email });
    const stored = await users().find().toArray();
    expect(JSON.stringify(stored)).not.toContain(details.attemptId);
    const hashes = stored.map((user) => user['registrationAttemptHash']);
    expect(hashes).toEqual([expect.stringMatching(/^[\w-]{43}$/), expect.stringMatching(/^[\w-]{43}$/)]);
    expect(new Set(hashes).size).toBe(2);
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
      attemptId: randomUUID(),
      deviceId: randomUUID(),
      deviceName: 'x',
    },
    'POST /auth/login': { email: 'ada@example.com', password: PASSWORD, deviceId: randomUUID(), deviceName: 'x' },
    'POST /auth/refresh': { refreshToken: 'x', attemptId: randomUUID() },
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
