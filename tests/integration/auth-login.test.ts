import { login as signIn } from '../../functions/auth/account/sign-in.ts';
import { hashPassword, PASSWORD_COST } from '../../functions/auth/password/password-hash.ts';
import { commandsOf } from '../support/database/queries.ts';
import { PASSWORD, useAuth, useQuickPasswords } from '../support/functions/auth.ts';

useQuickPasswords();
const { register, login, as, database } = useAuth();

const HOME = { sourceIp: '203.0.113.7' };
const AWAY = { sourceIp: '198.51.100.1' };
const WRONG = { password: 'another guess of eve' };

const db = () => database.db();
const user = () => db().collection('users').findOne({ emailKey: 'ada@example.com' });

beforeEach(async () => {
  await Promise.all(['users', 'sessions', 'rateLimits'].map((name) => db().collection(name).deleteMany({})));
  await register({}, HOME);
});

/** Signs in this many times, one after the other, and returns the statuses. */
async function statuses(attempts: number, details: Record<string, unknown>, from: (attempt: number) => string) {
  const answered: number[] = [];
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    answered.push((await login(details, { sourceIp: from(attempt) })).status);
  }
  return answered;
}

const elsewhere = (attempt: number) => `198.51.${100 + Math.floor(attempt / 250)}.${attempt % 250}`;

describe('signing in', () => {
  it('starts a new session', async () => {
    const { status, body } = await login({ deviceName: 'Tablet' }, AWAY);
    expect(status).toBe(200);
    expect(body.user).toMatchObject({ email: 'ada@example.com', name: 'Ada' });
    const { items } = (await as(body.tokens.accessToken, 'GET /auth/sessions')).body;
    expect(items).toMatchObject([
      { deviceName: 'Tablet', current: true },
      { deviceName: null, current: false },
    ]);
  });

  it('answers an unknown address and a wrong password with the same words', async () => {
    const [unknown, wrong] = [await login({ email: 'eve@example.com' }), await login(WRONG)];
    expect({ ...unknown.body, requestId: null }).toEqual({ ...wrong.body, requestId: null });
    expect(unknown.headers).toEqual(wrong.headers);
    expect(unknown).toMatchObject({
      status: 401,
      headers: { 'WWW-Authenticate': 'Bearer' },
      body: { code: 'invalid-credentials' },
    });
  });

  it('sends the same database commands for an unknown address and for a wrong password', async () => {
    const names = async (details: Record<string, unknown>) =>
      (await commandsOf(() => login(details, AWAY))).map((command) => Object.keys(command)[0]);
    const unknown = await names({ email: 'eve@example.com' });
    expect(unknown).toEqual(['find', 'findAndModify', 'findAndModify', 'findAndModify']);
    expect(await names(WRONG)).toEqual(unknown);
  });

  it('replaces a password hash of lower cost, and only when sign-in succeeds', async () => {
    const hashNow = async () => String((await user())?.['passwordHash']);
    const old = await hashNow();
    Object.assign(PASSWORD_COST, { ln: 8 });
    await login(WRONG, HOME);
    expect(await hashNow()).toBe(old);
    expect((await login({}, HOME)).status).toBe(200);
    expect(await hashNow()).toMatch(/^\$scrypt\$ln=8,/);
    expect((await login({}, HOME)).status).toBe(200);
    Object.assign(PASSWORD_COST, { ln: 7 });
  });

  it('keeps at most 50 sessions: one more ends the least recently used', async () => {
    const { body } = await login({ deviceName: 'first' }, HOME);
    for (let n = 0; n < 50; n += 1) await login({ deviceName: `device ${n}` }, HOME);
    expect(await db().collection('sessions').countDocuments()).toBe(50);
    expect((await as(body.tokens.accessToken, 'GET /auth/sessions')).body.code).toBe('invalid-token');
  });
});

describe('a failed sign-in', () => {
  it('is limited to ten in 15 minutes for one account from one network', async () => {
    expect(await statuses(11, WRONG, () => AWAY.sourceIp)).toEqual([...Array(10).fill(401), 429]);
    const answer = await login({}, AWAY);
    expect(answer).toMatchObject({ status: 429, body: { code: 'too-many-requests' } });
    const retryAfter = Number(answer.headers['Retry-After']);
    expect(retryAfter).toBeGreaterThan(0);
    expect(retryAfter).toBeLessThanOrEqual(900);
  });

  it('is limited in the same way for an account that does not exist', async () => {
    expect(await statuses(11, { email: 'eve@example.com' }, () => AWAY.sourceIp)).toEqual([
      ...Array(10).fill(401),
      429,
    ]);
  });

  it('is limited also when all attempts are concurrent', async () => {
    const answers = await Promise.all(Array.from({ length: 30 }, () => login(WRONG, AWAY)));
    expect(answers.map(({ status }) => status).sort()).toEqual([...Array(10).fill(401), ...Array(20).fill(429)]);
  });

  it('is forgotten when the window ends', async () => {
    const started = new Date();
    const credentials = { email: 'ada@example.com', ...WRONG };
    const attempt = (seconds: number) =>
      signIn(credentials, AWAY.sourceIp, new Date(started.getTime() + seconds * 1000)).catch(
        (error: { code: string; headers: Record<string, string> }) => [error.code, error.headers['Retry-After']],
      );
    for (let n = 0; n < 10; n += 1) await attempt(0);
    expect(await attempt(1)).toEqual(['too-many-requests', '899']);
    expect(await attempt(899.5)).toEqual(['too-many-requests', '1']);
    expect(await attempt(900)).toEqual(['invalid-credentials', undefined]);
  });

  it('is forgotten after a success', async () => {
    await statuses(9, WRONG, () => AWAY.sourceIp);
    expect((await login({}, AWAY)).status).toBe(200);
    expect(await statuses(11, WRONG, () => AWAY.sourceIp)).toEqual([...Array(10).fill(401), 429]);
  });

  it('is limited for one account from many networks, but not from a network that has signed in before', async () => {
    const answered = await statuses(101, WRONG, elsewhere);
    expect(answered).toEqual([...Array(100).fill(401), 429]);
    expect((await login({}, { sourceIp: elsewhere(200) })).status).toBe(429);
    expect((await login({}, HOME)).status).toBe(200);
  });

  it('does not count against others once its network is limited', async () => {
    expect(await statuses(101, WRONG, () => AWAY.sourceIp)).toEqual([...Array(10).fill(401), ...Array(91).fill(429)]);
    expect((await login({}, { sourceIp: '192.0.2.1' })).status).toBe(200);
    expect((await login({ email: 'eve@example.com' }, AWAY)).status).toBe(401);
  });

  it('is limited for many accounts from one network, but not for an account that has signed in from it', async () => {
    const answered: number[] = [];
    for (let n = 0; n < 101; n += 1) answered.push((await login({ email: `guess-${n}@example.com` }, HOME)).status);
    expect(answered).toEqual([...Array(100).fill(401), 429]);
    expect((await login({}, HOME)).status).toBe(200);
  });

  it('is counted together for all addresses of one IPv6 subscriber', async () => {
    const answered = await statuses(11, WRONG, (attempt) => `2001:db8:1:2::${(attempt + 1).toString(16)}`);
    expect(answered).toEqual([...Array(10).fill(401), 429]);
  });

  it('is counted by the address that API Gateway saw, whatever headers say', async () => {
    const answered: number[] = [];
    for (let n = 0; n < 11; n += 1) {
      const headers = { 'X-Forwarded-For': elsewhere(n), Forwarded: `for=${elsewhere(n)}` };
      answered.push((await login(WRONG, { ...AWAY, headers })).status);
    }
    expect(answered).toEqual([...Array(10).fill(401), 429]);
  });

  it('does not include successes: a whole class can sign in from one address', async () => {
    const passwordHash = await hashPassword(PASSWORD);
    const template = await user();
    const learners = Array.from({ length: 120 }, (_, n) => `learner-${n}@example.com`);
    await db()
      .collection('users')
      .insertMany(
        learners.map((email, n) => ({
          ...template,
          _id: n.toString(16).padStart(24, '0') as never,
          email,
          emailKey: email,
          passwordHash,
        })),
      );
    for (const email of learners) expect((await login({ email }, AWAY)).status).toBe(200);
  });

  it('is counted only until the window ends', async () => {
    await login(WRONG, AWAY);
    for (const limit of await db().collection('rateLimits').find().toArray()) {
      expect(limit).toEqual({ _id: expect.stringMatching(/^[\w-]{22}$/), count: 1, windowEndsAt: expect.any(Date) });
    }
  });
});

describe('the known networks of an account', () => {
  it('are its last twenty, ordered by last use', async () => {
    for (let n = 0; n < 19; n += 1) await login({}, { sourceIp: elsewhere(n) });
    await login({}, HOME);
    await login({}, { sourceIp: elsewhere(19) });
    const known: string[] = (await user())?.['knownNetworks'];
    expect(known).toHaveLength(20);
    expect(new Set(known).size).toBe(20);
    // Home was the first of 21 networks and is still known, so it has only its own counter.
    const commands = await commandsOf(() => login(WRONG, HOME));
    expect(commands.filter((command) => 'findAndModify' in command)).toHaveLength(1);
  });
});
