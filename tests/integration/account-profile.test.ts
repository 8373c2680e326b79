import { attemptCounter } from '../../functions/auth/limit/attempt-limits.ts';
import { PASSWORD, useAuth, useQuickPasswords } from '../support/functions/auth.ts';
import { useClock } from '../support/jest/clock.ts';
import { useLogs } from '../support/jest/logs.ts';
import { buildToken } from '../support/keys/access-tokens.ts';

const logs = useLogs();
useQuickPasswords();
const clock = useClock();
const auth = useAuth();
const { register, login, as, send, mailbox } = auth;

let count = 0;
/** Creates a new account for each test. */
async function newLearner() {
  const email = `learner-${++count}@example.com`;
  const { body } = await register({ email, name: 'Ada Moore' });
  return { email, user: body.user, accessToken: String(body.tokens.accessToken) };
}

const patch = (accessToken: string, body: unknown) =>
  as(accessToken, 'PATCH /auth/me', {
    headers: { 'Content-Type': 'application/json' },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });

describe('GET /auth/me', () => {
  it('returns only the public fields of the account', async () => {
    const { user, accessToken } = await newLearner();
    const answer = await as(accessToken, 'GET /auth/me');
    expect(answer).toMatchObject({ status: 200, headers: { 'Cache-Control': 'no-store' } });
    expect(answer.body).toEqual(user);
  });

  it('requires a token', async () => {
    expect(await auth.call('GET /auth/me')).toMatchObject({ status: 401, body: { code: 'missing-token' } });
  });

  it('is refused as soon as the session has ended, although the token has not expired', async () => {
    const { accessToken } = await newLearner();
    await as(accessToken, 'POST /auth/logout');
    expect(await as(accessToken, 'GET /auth/me')).toMatchObject({ status: 401, body: { code: 'invalid-token' } });
  });

  it('is refused for a token that combines a session with another account', async () => {
    const [ada, eve] = [await newLearner(), await newLearner()];
    const session = await auth.database.db().collection('sessions').findOne({ userId: eve.user.id });
    const token = buildToken({ claims: { sub: ada.user.id, sid: session?._id } });
    expect(await as(token, 'GET /auth/me')).toMatchObject({ status: 401, body: { code: 'invalid-token' } });
  });
});

describe('PATCH /auth/me', () => {
  it('changes the given fields and keeps the rest', async () => {
    const { user, accessToken } = await newLearner();
    expect((await patch(accessToken, { name: ' Ada Lovelace ' })).body).toEqual({ ...user, name: 'Ada Lovelace' });
    const answer = await patch(accessToken, { language: 'pt-BR' });
    expect(answer.body).toEqual({ ...user, name: 'Ada Lovelace', language: 'pt-BR' });
    expect((await as(accessToken, 'GET /auth/me')).body).toEqual(answer.body);
  });

  it.each([
    ['an empty change', {}, ''],
    ['a blank name', { name: '  ' }, '/name'],
    ['a name with a null byte', { name: 'Ada\0' }, '/name'],
    ['a name with a line break', { name: 'Ada\nBcc: eve@example.com' }, '/name'],
    ['a name of 101 characters', { name: 'a'.repeat(101) }, '/name'],
    ['an operator as the name', { name: { $ne: null } }, '/name'],
    ['an invalid language', { language: 'english please' }, '/language'],
    ['roles', { roles: ['admin'] }, '/roles'],
    ['an email address', { email: 'eve@example.com' }, '/email'],
    ['a verified address', { emailVerified: true }, '/emailVerified'],
    ['another account', { _id: '65f1c0ffee65f1c0ffee65f1' }, '/_id'],
    ['an operator', { $set: { roles: ['admin'] } }, '/$set'],
    ['a path', { 'pending.reset': {} }, '/pending.reset'],
    ['a prototype', '{"__proto__": {"roles": ["admin"]}, "name": "Eve"}', '/__proto__'],
    ['a constructor', { constructor: { prototype: {} } }, '/constructor'],
  ])('refuses %s', async (_, body, pointer) => {
    const { user, accessToken } = await newLearner();
    const answer = await patch(accessToken, body);
    expect(answer).toMatchObject({ status: 400, body: { code: 'invalid-request' } });
    expect(answer.body.errors.map((error: { pointer: string }) => error.pointer)).toContain(pointer);
    expect((await as(accessToken, 'GET /auth/me')).body).toEqual(user);
    expect(({} as Record<string, unknown>)['roles']).toBeUndefined();
  });
});

describe('POST /auth/email/verify', () => {
  const verify = (token: unknown) => send('POST /auth/email/verify', { token });

  it('verifies the address once, with the token that registration mailed', async () => {
    const { email, user, accessToken } = await newLearner();
    expect(user.emailVerified).toBe(false);
    expect(mailbox.mailsTo(email)).toHaveLength(1);

    const token = mailbox.lastToken(email);
    expect(await verify(token)).toMatchObject({ status: 204, body: undefined });
    expect((await as(accessToken, 'GET /auth/me')).body).toEqual({ ...user, emailVerified: true });
    expect(await verify(token)).toMatchObject({ status: 401, body: { code: 'invalid-token' } });
  });

  it('rejects a token after 48 hours', async () => {
    const { email } = await newLearner();
    clock.advance(48 * 60 * 60);
    expect(await verify(mailbox.lastToken(email))).toMatchObject({ status: 401, body: { code: 'invalid-token' } });
  });

  it.each([
    ['of another account', (token: string, other: string) => `${other}.${token.split('.')[1]}`],
    ['with changed last characters', (token: string) => token.replace(/.{4}$/, 'AAAA')],
    ['without an account', (token: string) => String(token.split('.')[1])],
    ['with a null byte', (token: string) => `${token}\0`],
    ['of an unknown account', () => `${'0'.repeat(24)}.${'A'.repeat(43)}`],
  ])('rejects a token %s, and verifies nobody', async (_, forge) => {
    const [ada, eve] = [await newLearner(), await newLearner()];
    const answer = await verify(forge(mailbox.lastToken(ada.email), eve.user.id));
    expect(answer).toMatchObject({
      status: 401,
      headers: { 'WWW-Authenticate': 'Bearer error="invalid_token"' },
      body: { code: 'invalid-token', detail: 'The link is no longer valid. Ask for a new one.' },
    });
    for (const { accessToken } of [ada, eve]) {
      expect((await as(accessToken, 'GET /auth/me')).body.emailVerified).toBe(false);
    }
  });

  it.each([[{ $gt: '' }], [['a']], [null], [1], [''], ['x'.repeat(257)]])('rejects the token %j', async (token) => {
    expect(await verify(token)).toMatchObject({ status: 400, body: { code: 'invalid-request' } });
  });
});

describe('POST /auth/email/verification', () => {
  const ask = (accessToken: string, sourceIp = '203.0.113.7') =>
    as(accessToken, 'POST /auth/email/verification', { sourceIp });
  const verify = (token: string) => send('POST /auth/email/verify', { token });

  it('sends another link, which replaces the earlier one', async () => {
    const { email, accessToken } = await newLearner();
    const earlier = mailbox.lastToken(email);
    expect(await ask(accessToken)).toMatchObject({ status: 202, body: undefined });
    expect(mailbox.mailsTo(email)).toHaveLength(2);
    expect(mailbox.mailsTo(email).at(-1)).toMatchObject({ subject: 'Confirm your e-mail address' });
    expect(await verify(earlier)).toMatchObject({ status: 401, body: { code: 'invalid-token' } });
    expect(await verify(mailbox.lastToken(email))).toMatchObject({ status: 204 });
    expect((await as(accessToken, 'GET /auth/me')).body.emailVerified).toBe(true);
  });

  it('gives the same answer and sends nothing when the address is verified', async () => {
    const { email, accessToken } = await newLearner();
    const first = await ask(accessToken);
    await verify(mailbox.lastToken(email));
    const { length } = mailbox.mailsTo(email);
    expect(await ask(accessToken)).toEqual(first);
    expect(mailbox.mailsTo(email)).toHaveLength(length);
  });

  it('is limited to five an hour for an account, from all networks together', async () => {
    const { email, accessToken } = await newLearner();
    for (let n = 1; n <= 5; n += 1) expect((await ask(accessToken, `198.51.100.${n}`)).status).toBe(202);
    expect(await ask(accessToken, '198.51.100.6')).toMatchObject({
      status: 429,
      headers: { 'Retry-After': '3600' },
      body: { code: 'too-many-requests' },
    });
    expect(mailbox.mailsTo(email)).toHaveLength(6);
    expect((await ask((await newLearner()).accessToken, '198.51.100.6')).status).toBe(202);
    clock.advance(3600);
    expect((await ask((await login({ email })).body.tokens.accessToken)).status).toBe(202);
  });

  it('is limited to a hundred an hour for a network, whatever the accounts', async () => {
    const { accessToken } = await newLearner();
    const network = '192.0.2.77';
    const key = process.env['RATE_LIMIT_KEY'] ?? '';
    const { id } = attemptCounter(key, 'verification from network', network);
    await auth.database
      .db()
      .collection<{ _id: string }>('rateLimits')
      .insertOne({ _id: id, ...{ count: 99, windowEndsAt: new Date(Date.now() + 600_000) } });
    expect((await ask(accessToken, network)).status).toBe(202);
    expect((await ask(accessToken, network)).status).toBe(429);
    expect((await ask(accessToken, '192.0.2.78')).status).toBe(202);
  });

  it('gives the same answer when mail fails, and logs that without the address', async () => {
    const { email, accessToken } = await newLearner();
    mailbox.refuse(true);
    const answer = await ask(accessToken).finally(() => mailbox.refuse(false));
    expect(answer.status).toBe(202);
    expect(logs.lines()).toContainEqual(expect.objectContaining({ message: 'Mail not sent', kind: 'verification' }));
    expect(logs.text()).not.toContain(email);
  });

  it('requires an active session', async () => {
    const { email, accessToken } = await newLearner();
    expect(await auth.call('POST /auth/email/verification')).toMatchObject({ body: { code: 'missing-token' } });
    await as(accessToken, 'POST /auth/logout');
    expect(await ask(accessToken)).toMatchObject({ status: 401, body: { code: 'invalid-token' } });
    expect(mailbox.mailsTo(email)).toHaveLength(1);
  });
});

describe('registration while mail fails', () => {
  it('creates the account, and logs the failure without the address', async () => {
    mailbox.refuse(true);
    const { status } = await register({ email: 'unlucky@example.com', password: PASSWORD }).finally(() =>
      mailbox.refuse(false),
    );
    expect(status).toBe(201);
    expect(logs.lines()).toContainEqual(expect.objectContaining({ message: 'Mail not sent', kind: 'verification' }));
    expect(logs.text()).not.toContain('unlucky');
  });
});

describe('the body of a route', () => {
  const token = '65f1c0ffee65f1c0ffee65f1.Zm9yIGV4YW1wbGUgb25seSwgbm90IGEgcmVhbCB0b2tlbiE';
  const bodies: readonly (readonly [string, object])[] = [
    ['PATCH /auth/me', { name: 'Ada' }],
    ['DELETE /auth/me', { password: PASSWORD }],
    ['POST /auth/password', { currentPassword: PASSWORD, newPassword: 'six geese a-laying' }],
    ['POST /auth/password/forgot', { email: 'ada@example.com' }],
    ['POST /auth/password/reset', { token, newPassword: 'six geese a-laying' }],
    ['POST /auth/email/verify', { token }],
  ];

  it.each(bodies)('%s rejects unknown members, other JSON types and other media types', async (key, body) => {
    const { accessToken } = await newLearner();
    const json = JSON.stringify(body);
    const refused = [
      ...['__proto__', 'constructor', 'prototype', '$where', 'a.b', ''].map((name) =>
        json.replace('{', `{${JSON.stringify(name)}: {"roles": ["admin"]}, `),
      ),
      `[${json}]`,
      'null',
      '"{}"',
    ];
    for (const text of refused) {
      const headers = { 'Content-Type': 'application/json', Authorization: `Bearer ${accessToken}` };
      const answer = await auth.call(key, { headers, body: text });
      expect([text, answer.status, answer.body.code]).toEqual([text, 400, 'invalid-request']);
    }
    const headers = { 'Content-Type': 'text/plain', Authorization: `Bearer ${accessToken}` };
    expect(await auth.call(key, { headers, body: json })).toMatchObject({ status: 415 });
    expect((await as(accessToken, 'GET /auth/me')).status).toBe(200);
  });
});
