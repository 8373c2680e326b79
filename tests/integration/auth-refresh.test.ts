import { randomUUID } from 'node:crypto';
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
async function renewed(refreshToken: string, now?: Date, attemptId?: string): Promise<string> {
  try {
    const renewal = { refreshToken, ...(attemptId !== undefined && { attemptId }) };
    return (await renewSession(renewal, now)).tokens.refreshToken;
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

  it('repeats only a rotation that the database cannot lose any more', async () => {
    const { token } = await begin();
    await refresh(token);
    const [find, ...others] = await commandsOf(() => refresh(token));
    expect([find, others]).toMatchObject([{ aggregate: 'sessions', readConcern: { level: 'majority' } }, []]);
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

  it('with a token two generations old ends the session after the grace period of that token', async () => {
    const { token, at, sessionId, user } = await begin();
    const next = await renewed(token, at(1));
    const afterNext = await renewed(next, at(61));
    expect(await renewed(token, at(61.001))).toBe('invalid-token');
    expect(await lives(sessionId)).toBe(false);
    expect(await renewed(afterNext, at(62))).toBe('invalid-token');
    expect(logs.lines()).toEqual([expect.objectContaining({ level: 'WARN', userId: user.id })]);
    expect(logs.text()).not.toContain(token);
  });

  it('with a token of an earlier handler returns the current one within the grace period', async () => {
    const { token: first, at, sessionId } = await begin();
    const second = await renewed(first, at(100));
    const third = await renewed(second, at(100.3));
    const fourth = await renewed(third, at(100.6));
    expect(await renewed(first, at(100.9))).toBe(fourth);
    expect(await renewed(second, at(101))).toBe(fourth);
    expect(await renewed(fourth, at(1000))).toMatch(/\.4\./);
    expect(await lives(sessionId)).toBe(true);
  });

  it('with the attempt of a lost reply returns the same token weeks later, as often as it is sent', async () => {
    const { token, at, sessionId } = await begin();
    const attemptId = randomUUID();
    const lost = await renewed(token, at(100), attemptId);
    expect(await renewed(token, at(20 * DAY_SECONDS), attemptId)).toBe(lost);
    expect(await renewed(token, at(29 * DAY_SECONDS), attemptId.toUpperCase())).toBe(lost);
    expect(await renewed(lost, at(29 * DAY_SECONDS), randomUUID())).toMatch(/\.2\./);
    expect(await lives(sessionId)).toBe(true);
  });

  it('with the attempt of a lost reply ends the session once the next token was used', async () => {
    const { token, at, sessionId } = await begin();
    const attemptId = randomUUID();
    const next = await renewed(token, at(100), attemptId);
    await renewed(next, at(200), randomUUID());
    expect(await renewed(token, at(201), attemptId)).toBe('invalid-token');
    expect(await lives(sessionId)).toBe(false);
  });

  it.each([
    ['another attempt', randomUUID()],
    ['no attempt', undefined],
  ])('with the previous token and %s ends the session after the grace period', async (_, other) => {
    const { token, at, sessionId } = await begin();
    const attemptId = randomUUID();
    const next = await renewed(token, at(100), attemptId);
    expect(await renewed(token, at(160), other)).toBe(next);
    expect(await renewed(token, at(160.001), other)).toBe('invalid-token');
    expect(await renewed(token, at(161), attemptId)).toBe('invalid-token');
    expect(await lives(sessionId)).toBe(false);
  });

  it('cannot take over the rotation of another attempt within the grace period', async () => {
    const { token, at } = await begin();
    const [own, foreign] = [randomUUID(), randomUUID()];
    const next = await renewed(token, at(100), own);
    expect(await renewed(token, at(110), foreign)).toBe(next);
    expect(await renewed(token, at(DAY_SECONDS), foreign)).toBe('invalid-token');
  });

  it('cannot use the attempt of one token for another', async () => {
    const { token, at } = await begin();
    const attemptId = randomUUID();
    const next = await renewed(token, at(100), attemptId);
    await renewed(next, at(200));
    expect(await renewed(next, at(300), attemptId)).toBe('invalid-token');
  });

  it('returns the same refresh token to concurrent requests with the same and with other attempts', async () => {
    const { token } = await begin();
    const same = randomUUID();
    const attempts = Array.from({ length: 30 }, (_, n) => [same, randomUUID(), undefined][n % 3]);
    const answers = await Promise.all(attempts.map((attemptId) => refresh(token, { attemptId })));
    expect(answers.map(({ status }) => status)).toEqual(Array(30).fill(200));
    expect(new Set(answers.map(({ body }) => body.tokens.refreshToken)).size).toBe(1);
  });

  it('stores no attempt in plain text, and exports none', async () => {
    const { token, sessionId } = await begin();
    const attemptId = randomUUID();
    const { body } = await refresh(token, { attemptId });
    const stored = await sessions().findOne({ _id: sessionId });
    expect(stored).toMatchObject({ attemptHash: expect.stringMatching(/^[\w-]{43}$/) });
    expect(JSON.stringify(stored)).not.toContain(attemptId);
    const exported = await as(body.tokens.accessToken, 'GET /auth/me/export');
    expect(JSON.stringify(exported.body)).not.toMatch(/attemptHash/i);
  });

  it.each(['', 'one', '0197f0b4-7a10-7d55-8c3e', `${randomUUID()}\n`])('rejects the attempt %j', async (attemptId) => {
    const { token, sessionId } = await begin();
    const answer = await refresh(token, { attemptId });
    expect(answer).toMatchObject({ status: 400, body: { errors: [{ in: 'body', pointer: '/attemptId' }] } });
    expect(await sessions().findOne({ _id: sessionId })).toMatchObject({ generation: 0 });
  });

  it('works for sessions that were stored before there were attempts', async () => {
    const { token, at, sessionId } = await begin();
    const next = await renewed(token, at(100));
    await sessions().updateOne({ _id: sessionId }, { $unset: { attemptHash: '', recentRotations: '' } });
    expect(await renewed(token, at(160), randomUUID())).toBe(next);
    expect(await renewed(next, at(200), randomUUID())).toMatch(/\.2\./);
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
    const { tokens } = await renewSession({ refreshToken: token }, used.at(179 * DAY_SECONDS));
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

  it('of a later generation, as after a restore of the database, ends the session and tells operators', async () => {
    const { token, sessionId, user } = await begin();
    const restored = await sessions().findOne({ _id: sessionId });
    const later = await renewed(await renewed(token));
    await sessions().replaceOne({ _id: sessionId }, restored ?? {});

    expect(await renewed(later)).toBe('invalid-token');
    expect(logs.lines()).toContainEqual(
      expect.objectContaining({
        level: 'WARN',
        message: expect.stringMatching(/restore of the database/),
        userId: user.id,
      }),
    );
    // The current token of the restored session was used up before: only somebody who copied it can have it.
    expect([await lives(sessionId), await renewed(token)]).toEqual([false, 'invalid-token']);
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
