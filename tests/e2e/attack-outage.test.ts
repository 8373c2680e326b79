import { randomUUID } from 'node:crypto';
import http from 'node:http';
import { type HttpAnswer, type HttpLearner, registerLearner } from '../support/system/client.ts';
import { useDatabaseBehindLine } from '../support/system/own-database.ts';
import { useSystemOn } from '../support/system/system.ts';

const { system, send, database } = useSystemOn(useDatabaseBehindLine);

type Pair = Pick<HttpLearner, 'accessToken' | 'refreshToken'>;

const refresh = (refreshToken: string) => send('POST', '/auth/refresh', { body: { refreshToken } });

let count = 0;
const newSession = (): Promise<Pair> => registerLearner(system().apiUrl, `learner-${++count}@example.com`);

/** How often the session's refresh token was rotated, as stored. */
async function rotations({ refreshToken }: Pair): Promise<unknown> {
  const [_id = ''] = refreshToken.split('.');
  const session = await database.query((client) =>
    client.db('lectern').collection<{ _id: string; generation?: unknown }>('sessions').findOne({ _id }),
  );
  return session?.generation;
}

/** Expects that the answer to a refresh of this pair has a working pair, and that the token was rotated once in all. */
async function expectOneRotation(pair: Pair, { status, body }: HttpAnswer): Promise<void> {
  expect(status).toBe(200);
  expect(await rotations(pair)).toBe(1);
  const { accessToken, refreshToken } = body.tokens as Pair;
  expect((await send('GET', '/auth/me', { accessToken })).status).toBe(200);
  expect(await refresh(refreshToken)).toMatchObject({ status: 200 });
}

describe('a refresh whose write succeeds but whose reply is lost', () => {
  it('answers unavailable when the database is killed, and a retry returns a working pair', async () => {
    const pair = await newSession();
    const kill = await database.killer();
    const lost = database.loseReplyToUpdateOf('sessions', async () => kill());
    const [answer] = await Promise.all([refresh(pair.refreshToken), lost]);
    expect(answer).toMatchObject({ status: 503, body: { code: 'unavailable' } });

    await database.stop();
    await database.start();
    expect(await rotations(pair)).toBe(1);
    await expectOneRotation(pair, await refresh(pair.refreshToken));
  }, 60_000);

  it('returns a working pair when the database connection is cut, and is not written twice', async () => {
    const pair = await newSession();
    const [answer] = await Promise.all([refresh(pair.refreshToken), database.loseReplyToUpdateOf('sessions')]);
    await expectOneRotation(pair, answer);
  }, 60_000);

  it('returns a working pair on a retry when the learner’s connection is cut', async () => {
    const pair = await newSession();
    const request = http.request(`${system().apiUrl}/auth/refresh`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
    });
    const broken = new Promise((resolve) => request.once('error', resolve));
    const written = database.loseReplyToUpdateOf('sessions', async () => void request.destroy());
    request.end(JSON.stringify({ refreshToken: pair.refreshToken }));
    await Promise.all([broken, written]);
    expect(await rotations(pair)).toBe(1);
    await expectOneRotation(pair, await refresh(pair.refreshToken));
  }, 60_000);
});

describe('a registration whose account is created but whose reply is lost', () => {
  const register = (body: object) => send('POST', '/auth/register', { body });

  it('answers unavailable when the database is killed, and a retry with its attempt signs in to the account', async () => {
    const email = `learner-${++count}@example.com`;
    const password = 'seven swans a-swimming';
    const registration = { email, password, name: 'Ada', attemptId: randomUUID(), deviceId: randomUUID() };
    const kill = await database.killer();
    // The write that follows the account: that of the token in the verification mail.
    const lost = database.loseReplyToUpdateOf('users', async () => kill());
    const [answer] = await Promise.all([register(registration), lost]);
    expect(answer).toMatchObject({ status: 503, body: { code: 'unavailable' } });

    await database.stop();
    await database.start();
    const retried = await register(registration);
    expect(retried).toMatchObject({ status: 201, body: { user: { email } } });
    const { accessToken } = retried.body.tokens as Pair;
    const { deviceId } = registration;
    const sessions = await send('GET', '/auth/sessions', { accessToken });
    const ofDevice = sessions.body.items.filter(
      (session: { readonly deviceId: unknown }) => session.deviceId === deviceId,
    );
    expect(ofDevice).toMatchObject([{ current: true }]);
    expect(await register({ ...registration, attemptId: randomUUID() })).toMatchObject({ status: 409 });
  }, 60_000);
});
