import { handler as authorize } from '../../functions/authorizer/handler.ts';
import { closeDatabase } from '../../shared/db/client.ts';
import { attackedAuthorizerEvent, loadTargets, takesToken } from '../support/contract/targets.ts';
import { useAuth, useQuickPasswords } from '../support/functions/auth.ts';
import { useClock } from '../support/jest/clock.ts';
import { useLogs } from '../support/jest/logs.ts';
import { buildToken, useAccessTokens } from '../support/keys/access-tokens.ts';
import { FORGERIES, otherKey } from '../support/keys/forged-tokens.ts';

const logs = useLogs();
useQuickPasswords();
const clock = useClock();
const { database, mailbox, register, login, refresh, send, as, call } = useAuth();
useAccessTokens(otherKey);

const EMAIL = 'ada.moore@mail.example';
const NAME = 'Ada Byron Moore';
const HOME = { sourceIp: '203.0.113.77' };
const SECRETS = ['seven swans a-swimming', 'six geese a-laying', 'a guess of eve', 'hunter2'] as const;
const [PASSWORD, NEW_PASSWORD, WRONG_PASSWORD, DATABASE_PASSWORD] = SECRETS;

/** Texts that the test has sent or received, and that no log may contain. */
const told = new Set<string>();

beforeEach(() => {
  told.clear();
  for (const text of [EMAIL, NAME, HOME.sourceIp, ...SECRETS]) told.add(text);
});
afterEach(async () => {
  expect(logs.lines().length).toBeGreaterThan(0);
  for (const text of told) expect(logs.text().toLowerCase()).not.toContain(text.toLowerCase());
  // Anything else of the kind: a JWT, credentials, an email address, a hash, a connection string.
  expect(logs.text()).not.toMatch(
    /eyJ[\w-]{6}|\b(bearer|basic) (?!\[redacted\])|[\w.]@[\w-]+\.|\$scrypt\$|:\/\/[^[\s"]*@/i,
  );
  await Promise.all(['users', 'sessions', 'rateLimits'].map((name) => database.db().collection(name).deleteMany({})));
});

const codes = () => new Set(logs.lines().flatMap(({ code }) => (code === undefined ? [] : [code])));

/** Remembers whole tokens and their signatures. */
function remember<T extends { readonly accessToken: string; readonly refreshToken: string }>(tokens: T): T {
  for (const token of [tokens.accessToken, tokens.refreshToken]) {
    told.add(token);
    told.add(token.split('.').at(-1) ?? token);
  }
  return tokens;
}

function lastMailedToken(): string {
  const token = mailbox.lastToken(EMAIL);
  told.add(token);
  told.add(token.split('.')[1] ?? token);
  return token;
}

const signUp = async () =>
  remember((await register({ email: EMAIL, password: PASSWORD, name: NAME }, HOME)).body.tokens);
const json = (body: string) => ({ headers: { 'Content-Type': 'application/json' }, body });

describe('logs contain nothing personal', () => {
  it('when an account is created and used, with invalid requests among it', async () => {
    const first = await signUp();
    expect((await register({ email: EMAIL.toUpperCase(), password: NEW_PASSWORD, name: NAME }, HOME)).status).toBe(409);
    await register({ email: `${NAME} <${EMAIL}>`, password: PASSWORD, name: `${NAME}\n` }, HOME);
    await call('POST /auth/register', json(`{"email":"${EMAIL}","password":"${PASSWORD}",}`));
    await call('POST /auth/login', json(`${EMAIL}:${PASSWORD}`));
    await call('POST /auth/login', { body: `email=${EMAIL}&password=${PASSWORD}` });
    await send('POST /auth/login', { email: EMAIL, password: PASSWORD.repeat(20_000), [PASSWORD]: EMAIL });
    await send('POST /auth/login', { email: EMAIL, password: PASSWORD, [PASSWORD]: EMAIL });
    remember((await login({ email: EMAIL, password: PASSWORD }, HOME)).body.tokens);
    for (let guess = 0; guess < 11; guess += 1) await login({ email: EMAIL, password: WRONG_PASSWORD }, HOME);
    await login({ email: `nobody-${EMAIL}`, password: WRONG_PASSWORD }, HOME);

    const second = remember((await refresh(first.refreshToken)).body.tokens);
    await refresh(first.refreshToken.replace(/.{4}$/, 'AAAA'));
    await refresh(first.accessToken);
    await as(second.accessToken, 'GET /auth/me/export');
    await as(second.accessToken, 'PATCH /auth/me', json(JSON.stringify({ name: `${NAME}\0`, email: EMAIL })));
    const change = { currentPassword: WRONG_PASSWORD, newPassword: NEW_PASSWORD };
    await as(second.accessToken, 'POST /auth/password', json(JSON.stringify(change)));
    await as(second.accessToken, 'DELETE /auth/sessions/{sessionId}', { path: { sessionId: PASSWORD } });
    clock.advance(61);
    expect((await refresh(first.refreshToken)).status).toBe(401);
    expect((await as(second.accessToken, 'GET /auth/me')).status).toBe(401);

    expect(logs.text()).toContain('An old refresh token was used');
    expect(codes()).toEqual(
      new Set([
        'email-taken',
        'invalid-request',
        'invalid-json',
        'unsupported-media-type',
        'payload-too-large',
        'invalid-credentials',
        'too-many-requests',
        'invalid-token',
      ]),
    );
  });

  it('when a password is reset, an address is verified, and mail fails', async () => {
    await signUp();
    await send('POST /auth/email/verify', { token: lastMailedToken() });
    await send('POST /auth/email/verify', { token: lastMailedToken() });
    await send('POST /auth/password/forgot', { email: EMAIL }, HOME);
    const reset = { token: lastMailedToken(), newPassword: NEW_PASSWORD };
    await send('POST /auth/password/reset', { ...reset, newPassword: 'Password1' });
    expect(await send('POST /auth/password/reset', reset, HOME)).toMatchObject({ status: 204 });
    expect(await send('POST /auth/password/reset', reset, HOME)).toMatchObject({ status: 401 });
    mailbox.refuse(true);
    try {
      await send('POST /auth/password/forgot', { email: EMAIL }, HOME);
      await register({ email: `new-${EMAIL}`, password: PASSWORD, name: NAME }, HOME);
    } finally {
      mailbox.refuse(false);
    }
    expect(logs.lines().filter(({ message }) => message === 'Mail not sent')).toHaveLength(2);
  });

  it('when tokens are forged, misplaced or expired', async () => {
    const targets = (await loadTargets()).filter(takesToken);
    const tokens = FORGERIES.flatMap(([, forgeries]) => forgeries.map(([, forge]) => forge()));
    tokens.push(buildToken({ now: new Date(Date.now() - 3_600_000) }));
    for (const part of tokens.flatMap((token) => token.split('.'))) if (part.length >= 16) told.add(part);
    const [target] = targets;
    for (const token of tokens) {
      for (const Authorization of [`Bearer ${token}`, `Basic ${token}`, token]) {
        const attack = { headers: { Authorization, Cookie: `token=${token}` }, query: { access_token: token } };
        expect((await target?.attack(attack))?.status).toBe(401);
        await expect(authorize(attackedAuthorizerEvent('members', attack))).rejects.toThrow(/^Unauthorized$/);
      }
    }
    expect(logs.lines()).toHaveLength(tokens.length * 3 * 2);
  });

  it.each([
    ['is unreachable', `mongodb://lectern:${DATABASE_PASSWORD}@127.0.0.1:1/lectern`],
    ['has an invalid URI', `mongodb://lectern:${DATABASE_PASSWORD}@${DATABASE_PASSWORD}@127.0.0.1:1:1/lectern`],
    ['has an invalid option', `mongodb://lectern:${DATABASE_PASSWORD}@127.0.0.1:1/lectern?authMechanism=none`],
  ])('when the database %s', async (_, uri) => {
    const mine = process.env['MONGODB_URI'];
    told.add(uri);
    try {
      await closeDatabase();
      process.env['MONGODB_URI'] = uri;
      const tokens = remember({ accessToken: buildToken(), refreshToken: `${'a'.repeat(22)}.0.${'A'.repeat(43)}` });
      const headers = { Authorization: `Bearer ${tokens.accessToken}` };
      const answers = await Promise.all([
        register({ email: EMAIL, password: PASSWORD, name: NAME }, HOME),
        login({ email: EMAIL, password: PASSWORD }, HOME),
        refresh(tokens.refreshToken),
        send('POST /auth/password/forgot', { email: EMAIL }, HOME),
        send('POST /auth/password/reset', { token: `${'0'.repeat(24)}.${'A'.repeat(43)}`, newPassword: NEW_PASSWORD }),
        as(tokens.accessToken, 'GET /auth/me'),
      ]);
      expect(answers.filter(({ status }) => status < 500)).toEqual([]);
      expect(JSON.stringify(answers)).not.toMatch(/hunter2|mongodb|127\.0\.0\.1/);
      await expect(authorize(attackedAuthorizerEvent('members', { headers }))).rejects.toThrow(
        /^(unavailable|internal-error)$/,
      );
    } finally {
      await closeDatabase();
      process.env['MONGODB_URI'] = mine;
    }
  });
});
