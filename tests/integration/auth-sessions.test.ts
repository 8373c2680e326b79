import { randomUUID } from 'node:crypto';
import { login as signIn } from '../../functions/auth/account/sign-in.ts';
import { startSession } from '../../functions/auth/session/new-session.ts';
import { listSessions } from '../../functions/auth/session/session-list.ts';
import { deleteSession } from '../../functions/auth/session/session-repository.ts';
import type { UserDocument } from '../../shared/db/collections.ts';
import { commandsOf, explain } from '../support/database/queries.ts';
import { PASSWORD, useAuth, useQuickPasswords } from '../support/functions/auth.ts';
import { publicKeySet, signingKey } from '../support/keys/access-tokens.ts';

useQuickPasswords();
const { register, login, refresh, as, call, send, database } = useAuth();

interface Device {
  readonly userId: string;
  readonly accessToken: string;
  readonly refreshToken: string;
  readonly sessionId: string;
}

let phone: Device;
let tablet: Device;

function deviceOf({ body }: Awaited<ReturnType<typeof login>>): Device {
  const { accessToken, refreshToken } = body.tokens;
  return { userId: body.user.id, accessToken, refreshToken, sessionId: refreshToken.split('.')[0] };
}

beforeEach(async () => {
  await Promise.all(['users', 'sessions', 'rateLimits'].map((name) => database.db().collection(name).deleteMany({})));
  phone = deviceOf(await register({ deviceName: 'Phone' }));
  tablet = deviceOf(await login({ deviceName: 'Tablet' }));
});

const list = ({ accessToken }: Device) => as(accessToken, 'GET /auth/sessions');
const end = ({ accessToken }: Device, sessionId: string) =>
  as(accessToken, 'DELETE /auth/sessions/{sessionId}', { path: { sessionId } });

describe('the list of sessions', () => {
  it('has the devices of the account, last used first, and marks the current one', async () => {
    await refresh(phone.refreshToken);
    const { status, body } = await list(phone);
    expect(status).toBe(200);
    expect(body).toMatchObject({
      items: [
        { id: phone.sessionId, deviceName: 'Phone', current: true },
        { id: tablet.sessionId, deviceName: 'Tablet', current: false },
      ],
      nextCursor: null,
    });
    expect(Date.parse(body.items[0].lastUsedAt)).toBeGreaterThanOrEqual(Date.parse(body.items[1].lastUsedAt));
    expect(Object.keys(body.items[0])).toEqual([
      'id',
      'deviceId',
      'deviceName',
      'createdAt',
      'lastUsedAt',
      'expiresAt',
      'current',
    ]);
  });

  it('has no session of another account, and none that has expired', async () => {
    const other = deviceOf(await register({ email: 'eve@example.com' }));
    expect((await list(other)).body.items).toMatchObject([{ id: other.sessionId }]);
    await database
      .db()
      .collection<{ _id: string }>('sessions')
      .updateOne({ _id: tablet.sessionId }, { $set: { expiresAt: new Date(0) } });
    expect((await list(phone)).body.items).toMatchObject([{ id: phone.sessionId }]);
  });

  it('takes one database command that uses an index', async () => {
    const commands = await commandsOf(() => list(phone));
    expect(commands).toHaveLength(1);
    const plan = await explain(database.db(), {
      find: 'sessions',
      filter: { userId: phone.userId, expiresAt: { $gt: new Date() } },
      sort: { lastUsedAt: -1 },
    });
    expect(plan).toMatchObject({ indexes: ['user_used'] });
    expect(plan.stages).not.toContain('SORT');
  });

  it('is refused to an expired session, even if its access token is valid', async () => {
    const later = new Date(Date.now() + 31 * 86_400_000);
    const principal = { userId: phone.userId, sessionId: phone.sessionId, roles: ['learner'], epoch: 0 };
    await expect(listSessions(principal, later)).rejects.toMatchObject({ code: 'invalid-token' });
  });
});

describe('signing in again on a device', () => {
  const deviceId = randomUUID();
  const sessionsOf = ({ userId }: Device) => database.db().collection('sessions').find({ userId }).toArray();
  const names = async (device: Device) =>
    (await list(device)).body.items.map(({ deviceName }: { readonly deviceName: string }) => deviceName);

  it('replaces its session at once, and no other', async () => {
    const first = deviceOf(await login({ deviceId, deviceName: 'Laptop' }));
    const again = deviceOf(await login({ deviceId: deviceId.toUpperCase(), deviceName: 'New name' }));
    expect((await list(first)).body.code).toBe('invalid-token');
    expect((await refresh(first.refreshToken)).body.code).toBe('invalid-token');
    expect((await list(again)).body.items[0]).toMatchObject({ deviceId, deviceName: 'New name', current: true });
    expect(await names(again)).toEqual(['New name', 'Tablet', 'Phone']);
  });

  it('works with the device that registered', async () => {
    const registered = deviceOf(await register({ email: 'eve@example.com', deviceId }));
    const again = deviceOf(await login({ email: 'eve@example.com', deviceId }));
    expect((await list(again)).body.items).toMatchObject([{ id: again.sessionId, deviceId }]);
    expect((await list(registered)).body.code).toBe('invalid-token');
  });

  it('leaves the sessions of other accounts on that device', async () => {
    const eve = deviceOf(await register({ email: 'eve@example.com', deviceId }));
    await login({ deviceId });
    expect((await list(eve)).status).toBe(200);
  });

  it('leaves one session when ten sign-ins run at once, and all of them succeed', async () => {
    const answers = await Promise.all(Array.from({ length: 10 }, () => login({ deviceId })));
    expect(answers.map(({ status }) => status)).toEqual(Array(10).fill(200));
    const ofDevice = (await sessionsOf(phone)).filter((session) => session['deviceId'] === deviceId);
    expect(ofDevice).toHaveLength(1);
    const works = async (device: Device) => (await list(device)).status === 200;
    const devices = answers.map(deviceOf);
    const accepted = await Promise.all(
      devices.map(async (device) => ((await works(device)) ? [device.sessionId] : [])),
    );
    expect(new Set(accepted.flat())).toEqual(new Set([String(ofDevice[0]?._id)]));
    expect(await sessionsOf(phone)).toHaveLength(3);
  });

  it('keeps the session of the retry when the first try, which the app gave up, ends last', async () => {
    const firstTryAt = new Date(Date.now() - 10_000);
    const retry = deviceOf(await login({ deviceId }));
    const { tokens } = await signIn(
      { email: 'ada@example.com', password: PASSWORD, deviceId },
      '203.0.113.7',
      firstTryAt,
    );
    expect((await list(retry)).body.items).toMatchObject([{ id: retry.sessionId }, {}, {}]);
    // Should the app take that answer after all, it works as well.
    expect((await refresh(tokens.refreshToken)).status).toBe(200);
    expect((await refresh(retry.refreshToken)).status).toBe(200);
  });

  it('leaves nothing of an earlier try that broke off', async () => {
    const account = await database.db().collection<UserDocument>('users').findOne({ _id: phone.userId });
    if (account === null) throw new Error('no account');
    await startSession(account, { deviceId, deviceName: 'Laptop' }, new Date());
    const retry = deviceOf(await login({ deviceId, deviceName: 'Laptop' }));
    expect(await names(retry)).toEqual(['Laptop', 'Tablet', 'Phone']);
  });

  it('keeps the session when the sign-in is refused', async () => {
    const signedIn = deviceOf(await login({ deviceId }));
    expect((await login({ deviceId, password: 'another guess of eve' })).status).toBe(401);
    expect((await list(signedIn)).status).toBe(200);
  });

  it('keeps the session that changes the password, when a sign-in with the old password runs at once', async () => {
    for (let time = 0; time < 10; time += 1) {
      const email = `learner-${time}@example.com`;
      const signedIn = deviceOf(await register({ email, deviceId }));
      const [changed, other] = await Promise.all([
        send(
          'POST /auth/password',
          { currentPassword: PASSWORD, newPassword: 'six geese a-laying' },
          { headers: { Authorization: `Bearer ${signedIn.accessToken}` } },
        ),
        login({ email, deviceId }),
      ]);
      if (changed.status === 204 && other.status === 401) expect((await list(signedIn)).status).toBe(200);
      expect((await sessionsOf(signedIn)).length).toBeLessThanOrEqual(1);
    }
  });

  it('ends no session of another device when the account has as many as it may', async () => {
    await login({ deviceId });
    for (let n = 0; n < 47; n += 1) await login({ deviceName: `device ${n}` });
    expect(await sessionsOf(phone)).toHaveLength(50);
    await login({ deviceId });
    expect(await sessionsOf(phone)).toHaveLength(50);
    expect((await list(phone)).status).toBe(200);
  });

  it('ends no session for a sign-in that is refused after it has begun', async () => {
    for (let n = 0; n < 48; n += 1) await login({ deviceName: `device ${n}` });
    const account = await database.db().collection<UserDocument>('users').findOne({ _id: phone.userId });
    if (account === null) throw new Error('no account');
    const { sessionId } = await startSession(account, { deviceId }, new Date());
    await deleteSession(phone.userId, sessionId);
    expect(await sessionsOf(phone)).toHaveLength(50);
    expect((await list(phone)).status).toBe(200);
  });

  it('leaves as many sessions as an account may have when eight devices sign in at once', async () => {
    for (let n = 0; n < 48; n += 1) await login({ deviceName: `device ${n}` });
    await Promise.all(Array.from({ length: 8 }, () => login({ deviceId: randomUUID() })));
    expect(await sessionsOf(phone)).toHaveLength(50);
  });

  it('adds a session each time for an app without a device id', async () => {
    await login({ deviceName: 'Tablet' });
    expect(await names(phone)).toEqual(['Tablet', 'Tablet', 'Phone']);
  });

  it.each(['', 'phone', { $ne: null }, `${deviceId}0`])('rejects the device id %j', async (given) => {
    for (const answer of [await login({ deviceId: given }), await register({ deviceId: given })]) {
      expect(answer).toMatchObject({ status: 400, body: { errors: [{ in: 'body', pointer: '/deviceId' }] } });
    }
  });
});

describe('ending one session', () => {
  it('signs that device out at once', async () => {
    expect(await end(phone, tablet.sessionId)).toMatchObject({ status: 204, body: undefined });
    expect((await refresh(tablet.refreshToken)).body.code).toBe('invalid-token');
    expect((await list(tablet)).body.code).toBe('invalid-token');
    expect((await refresh(phone.refreshToken)).status).toBe(200);
  });

  it('works for the current session', async () => {
    expect((await end(phone, phone.sessionId)).status).toBe(204);
    expect((await list(phone)).body.code).toBe('invalid-token');
  });

  it('answers not-found in the same words for an unknown session and for one of another account', async () => {
    const other = deviceOf(await register({ email: 'eve@example.com' }));
    const answers = [await end(other, phone.sessionId), await end(other, 'A'.repeat(22))];
    for (const answer of answers) {
      expect(answer).toMatchObject({ status: 404, body: { code: 'not-found', detail: 'There is no such session.' } });
    }
    expect((await list(phone)).status).toBe(200);
  });

  it.each(['x', '$ne', '__proto__', 'A'.repeat(23)])('rejects the id %p', async (sessionId) => {
    expect((await end(phone, sessionId)).body.code).toBe('invalid-request');
  });

  it('is refused to an ended session', async () => {
    await end(phone, tablet.sessionId);
    expect((await end(tablet, phone.sessionId)).body.code).toBe('invalid-token');
    expect((await list(phone)).status).toBe(200);
  });
});

describe('signing out', () => {
  it('ends only the current session at once, with one database command', async () => {
    const commands = await commandsOf(async () => {
      expect(await as(phone.accessToken, 'POST /auth/logout')).toMatchObject({ status: 204 });
    });
    expect(commands).toHaveLength(1);
    expect((await refresh(phone.refreshToken)).body.code).toBe('invalid-token');
    expect((await list(phone)).body.code).toBe('invalid-token');
    expect((await as(phone.accessToken, 'POST /auth/logout')).body.code).toBe('invalid-token');
    expect((await list(tablet)).status).toBe(200);
  });

  it('everywhere ends every session of the account, and no other', async () => {
    const other = deviceOf(await register({ email: 'eve@example.com' }));
    expect((await as(phone.accessToken, 'POST /auth/logout-all')).status).toBe(204);
    for (const device of [phone, tablet]) {
      expect((await refresh(device.refreshToken)).body.code).toBe('invalid-token');
      expect((await list(device)).body.code).toBe('invalid-token');
      expect((await as(device.accessToken, 'POST /auth/logout-all')).body.code).toBe('invalid-token');
    }
    expect((await list(other)).status).toBe(200);
    expect((await login()).status).toBe(200);
  });

  it('everywhere also ends a session that a concurrent sign-in adds afterwards', async () => {
    const sessions = database.db().collection<{ _id: string }>('sessions');
    const added = await sessions.findOne({ _id: tablet.sessionId });
    await as(phone.accessToken, 'POST /auth/logout-all');
    if (added !== null) await sessions.insertOne(added);
    expect((await refresh(tablet.refreshToken)).body.code).toBe('invalid-token');
    expect((await list(tablet)).body.code).toBe('invalid-token');
  });
});

describe('every session route', () => {
  it.each([
    ['POST /auth/logout', {}],
    ['POST /auth/logout-all', {}],
    ['GET /auth/sessions', {}],
    ['DELETE /auth/sessions/{sessionId}', { path: { sessionId: 'A'.repeat(22) } }],
  ])('%s requires an access token', async (key, options) => {
    expect(await call(key, options)).toMatchObject({ status: 401, body: { code: 'missing-token' } });
    expect(await as('x', key, options)).toMatchObject({ status: 401, body: { code: 'invalid-token' } });
    expect(await as(phone.refreshToken, key, options)).toMatchObject({ status: 401, body: { code: 'invalid-token' } });
  });
});

describe('the public keys', () => {
  it('are those that verify tokens, and can be cached for a minute', async () => {
    const { status, headers, body } = await call('GET /.well-known/jwks.json');
    expect(status).toBe(200);
    expect(headers).toMatchObject({ 'Cache-Control': 'public, max-age=60', 'Access-Control-Allow-Origin': '*' });
    expect(body).toEqual(JSON.parse(publicKeySet(signingKey)));
    expect(JSON.stringify(body)).not.toContain('"d"');
  });
});
