import { renewSession } from '../../functions/auth/session/renewal.ts';
import { commandsOf } from '../support/database/queries.ts';
import { useAuth, useQuickPasswords } from '../support/functions/auth.ts';
import { useLogs } from '../support/jest/logs.ts';

useQuickPasswords();
const logs = useLogs();
const { register, refresh, as, database } = useAuth();

const sessions = () => database.db().collection<{ _id: string }>('sessions');
const DAY_SECONDS = 86_400;

let count = 0;

/** Starts a new session, and returns its first tokens and a clock relative to its start. */
async function begin() {
  count += 1;
  const { body } = await register({ email: `learner-${count}@example.com` });
  const [sessionId = ''] = body.tokens.refreshToken.split('.');
  const session = await sessions().findOne({ _id: sessionId });
  const startedAt: Date = (session as unknown as { createdAt: Date }).createdAt;
  return {
    token: body.tokens.refreshToken as string,
    user: body.user as { readonly id: string },
    accessToken: body.tokens.accessToken as string,
    sessionId,
    at: (seconds: number) => new Date(startedAt.getTime() + seconds * 1000),
  };
}

/** Refreshes at the given time. Returns the new refresh token or the code of the problem. */
async function renewed(token: string, now?: Date): Promise<string> {
  try {
    return (await renewSession(token, now)).tokens.refreshToken;
  } catch (error) {
    return (error as { readonly code: string }).code;
  }
}

const lives = async (sessionId: string) => (await sessions().countDocuments({ _id: sessionId })) === 1;

describe('a refresh', () => {
  it('returns a new pair of working tokens', async () => {
    const { token } = await begin();
    const { status, headers, body } = await refresh(token);
    expect(status).toBe(200);
    expect(headers).toMatchObject({ 'Cache-Control': 'no-store' });
    expect(Object.keys(body)).toEqual(['tokens']);
    expect(body.tokens.refreshToken).not.toBe(token);
    expect((await as(body.tokens.accessToken, 'GET /auth/sessions')).status).toBe(200);
    expect((await refresh(body.tokens.refreshToken)).status).toBe(200);
  });

  it('sends at most two database commands, and one to repeat a lost reply', async () => {
    const { token } = await begin();
    const [find, update, ...others] = await commandsOf(() => refresh(token));
    expect([find?.['aggregate'], update?.['update'], others]).toEqual(['sessions', 'sessions', []]);
    expect(await commandsOf(() => refresh(token))).toHaveLength(1);
  });

  it('returns the same refresh token to fifty concurrent requests, and keeps the session', async () => {
    const { token, sessionId } = await begin();
    const answers = await Promise.all(Array.from({ length: 50 }, () => refresh(token)));
    expect(answers.map(({ status }) => status)).toEqual(Array(50).fill(200));
    expect(new Set(answers.map(({ body }) => body.tokens.refreshToken)).size).toBe(1);
    expect(new Set(answers.map(({ body }) => body.tokens.accessToken)).size).toBe(50);
    expect(await sessions().findOne({ _id: sessionId })).toMatchObject({ generation: 1 });
    expect((await refresh(answers[0]?.body.tokens.refreshToken)).status).toBe(200);
  });

  it('returns the same token again within the grace period, for a lost reply', async () => {
    const { token, at, sessionId } = await begin();
    const lost = await renewed(token, at(100));
    expect(await renewed(token, at(100))).toBe(lost);
    expect(await renewed(token, at(160))).toBe(lost);
    expect(await lives(sessionId)).toBe(true);
    expect(await renewed(lost, at(161))).toMatch(/\.2\./);
  });

  it('with the previous token after the grace period ends the session, including its newest token', async () => {
    const { token, at, sessionId } = await begin();
    const next = await renewed(token, at(100));
    expect(await renewed(token, at(160.001))).toBe('invalid-token');
    expect(await lives(sessionId)).toBe(false);
    expect(await renewed(next, at(161))).toBe('invalid-token');
  });

  it('with a token two generations old ends the session, however soon', async () => {
    const { token, at, sessionId, user } = await begin();
    const next = await renewed(token, at(1));
    const afterNext = await renewed(next, at(1));
    expect(await renewed(token, at(1))).toBe('invalid-token');
    expect(await lives(sessionId)).toBe(false);
    expect(await renewed(afterNext, at(1))).toBe('invalid-token');
    expect(logs.lines()).toEqual([expect.objectContaining({ level: 'WARN', userId: user.id })]);
    expect(logs.text()).not.toContain(token);
  });

  it('uses the configured grace period', async () => {
    const { token, at } = await begin();
    process.env['REFRESH_GRACE_SECONDS'] = '5';
    const next = await renewed(token, at(100));
    expect(await renewed(token, at(105))).toBe(next);
    expect(await renewed(token, at(105.001))).toBe('invalid-token');
    delete process.env['REFRESH_GRACE_SECONDS'];
  });

  it('extends an active session up to 180 days, and not an idle one beyond 30', async () => {
    const idle = await begin();
    expect(await renewed(idle.token, idle.at(30 * DAY_SECONDS))).toBe('invalid-token');
    const used = await begin();
    let { token } = used;
    for (let day = 29; day < 180; day += 29) token = await renewed(token, used.at(day * DAY_SECONDS));
    expect(token).toMatch(/\.6\./);
    const { tokens } = await renewSession(token, used.at(179 * DAY_SECONDS));
    expect(tokens.refreshExpiresIn).toBe(DAY_SECONDS);
    expect(await renewed(tokens.refreshToken, used.at(180 * DAY_SECONDS))).toBe('invalid-token');
  });

  it('is rejected for an ended session and for an account with a newer epoch', async () => {
    const { token, sessionId, user } = await begin();
    await database
      .db()
      .collection<{ _id: string }>('users')
      .updateOne({ _id: user.id }, { $inc: { tokenEpoch: 1 } });
    expect(await renewed(token)).toBe('invalid-token');
    expect(await lives(sessionId)).toBe(true);
    await sessions().deleteOne({ _id: sessionId });
    expect(await renewed(token)).toBe('invalid-token');
  });

  it('returns the current roles and epoch of the account', async () => {
    const { token, user } = await begin();
    await database
      .db()
      .collection<{ _id: string }>('users')
      .updateOne({ _id: user.id }, { $set: { roles: ['learner', 'author'] } });
    const { body } = await refresh(token);
    const [, payload = ''] = body.tokens.accessToken.split('.');
    expect(JSON.parse(Buffer.from(payload, 'base64url').toString())).toMatchObject({
      sub: user.id,
      roles: ['learner', 'author'],
      ep: 0,
    });
  });

  it('rejects guessed and altered tokens without ending the session', async () => {
    const { token, accessToken, sessionId } = await begin();
    await refresh(token);
    const [id, , mac = ''] = token.split('.');
    const other = (await begin()).token;
    const guesses = [
      `${id}.0.${'A'.repeat(43)}`,
      `${id}.1.${mac}`,
      `${id}.2.${mac}`,
      `${id}.zzzzzzzz.${mac}`,
      `${id}.0.${other.split('.')[2]}`,
      `${other.split('.')[0]}.0.${mac}`,
      `${id}.00.${mac}`,
      `${id}.0.${mac}=`,
      `${id}.0.${mac}\n`,
      `${id}.0`,
      ` ${token}`,
      token.toUpperCase(),
      accessToken,
      'x',
    ];
    for (const guess of guesses) {
      const answer = await refresh(guess);
      expect(answer).toMatchObject({
        status: 401,
        headers: { 'WWW-Authenticate': 'Bearer error="invalid_token"' },
        body: { code: 'invalid-token', detail: 'The refresh token is not valid.' },
      });
    }
    expect(await lives(sessionId)).toBe(true);
    expect(await sessions().findOne({ _id: sessionId })).toMatchObject({ generation: 1 });
  });

  it('does not accept a refresh token as an access token', async () => {
    const { token } = await begin();
    expect((await as(token, 'GET /auth/sessions')).body.code).toBe('invalid-token');
  });
});
