import { openSession, type Session } from '../../client/src/session.ts';
import { PASSWORD, useAuth, useQuickPasswords } from '../support/functions/auth.ts';
import { useClock } from '../support/jest/clock.ts';
import { useLogs } from '../support/jest/logs.ts';
import type { Send } from '../support/progress/flaky-network.ts';
import { authServer, BASE_URL } from '../support/session/auth-server.ts';

import { subjectOf } from '../support/session/subject.ts';

/* The client's session against the real auth function. */

useQuickPasswords();
const { as, send, database } = useAuth();
const clock = useClock();
useLogs();

const DAY = 86_400;
let count = 0;

/** A device, whose app can be opened again. */
class Device {
  readonly reasons: string[] = [];
  /** What becomes of the next request. */
  next: Send = authServer;
  #text: string | null = null;
  readonly #sessions: Session[] = [];

  async open(): Promise<Session> {
    const session = await openSession({
      baseUrl: BASE_URL,
      storage: {
        getItem: () => this.#text,
        setItem: (_, text) => {
          this.#text = text;
        },
        removeItem: () => undefined,
      },
      fetch: (url, init) => {
        const { next } = this;
        this.next = authServer;
        return next(url, init);
      },
      onSignedOut: (reason) => this.reasons.push(reason),
    });
    this.#sessions.push(session);
    return session;
  }

  close(): void {
    for (const session of this.#sessions) session.close();
  }
}

const loseReply: Send = async (url, init) => {
  await authServer(url, init);
  throw new TypeError('The reply was lost');
};

const registration = () => {
  count += 1;
  return { email: `learner-${count}@example.com`, password: PASSWORD, name: 'Ada' };
};
const json = (session: Session, key: string, body: unknown) =>
  session.accessToken(false).then((token) => send(key, body, { headers: { Authorization: `Bearer ${token}` } }));

let device: Device;
beforeEach(() => {
  device = new Device();
});
afterEach(() => device.close());

describe('a session', () => {
  it('signs up, in, and out', async () => {
    const details = registration();
    const session = await device.open();
    const user = await session.signUp({ ...details, language: 'pt-BR' });
    expect(user).toMatchObject({ email: details.email, name: 'Ada', language: 'pt-BR', roles: ['learner'] });
    expect((await as(await session.accessToken(false), 'GET /auth/me')).body).toEqual(user);

    const token = await session.accessToken(false);
    await session.signOut();
    expect((await as(token, 'GET /auth/me')).status).toBe(401);
    expect(await session.signIn(details)).toEqual(user);
    const { body } = await as(await session.accessToken(false), 'GET /auth/sessions');
    expect(body.items).toHaveLength(1);
  });

  it('finds the account of a registration whose reply was lost, after a restart', async () => {
    const details = registration();
    device.next = loseReply;
    await expect((await device.open()).signUp(details)).rejects.toMatchObject({ name: 'RequestFailed' });
    const session = await device.open();
    const user = await session.signUp(details);
    const { body } = await as(await session.accessToken(false), 'GET /auth/sessions');
    expect([user.email, body.items.length]).toEqual([details.email, 1]);
  });

  it('says that an address is taken', async () => {
    const details = registration();
    const session = await device.open();
    await session.signUp(details);
    await session.signOut();
    const other = { ...details, password: 'six geese a-laying' };
    await expect(session.signUp(other)).rejects.toMatchObject({ problem: { code: 'email-taken' } });
  });

  it('leaves one session behind when the reply to a sign-in is lost', async () => {
    const details = registration();
    const session = await device.open();
    await session.signUp(details);
    await session.signOut();
    device.next = loseReply;
    await expect(session.signIn(details)).rejects.toMatchObject({ name: 'RequestFailed' });
    await session.signIn(details);
    const { body } = await as(await session.accessToken(false), 'GET /auth/sessions');
    expect(body.items).toHaveLength(1);
  });

  it.each([
    ['a minute', 61],
    ['three weeks', 21 * DAY],
  ])('survives the lost reply to a renewal, %s later, after a restart', async (_, seconds) => {
    const { id } = await (await device.open()).signUp(registration());
    clock.advance(1000);
    device.next = loseReply;
    await expect((await device.open()).accessToken(false)).rejects.toMatchObject({ name: 'RequestFailed' });
    clock.advance(seconds);
    const session = await device.open();
    expect(subjectOf(await session.accessToken(false))).toBe(id);
    clock.advance(1000);
    expect(subjectOf(await session.accessToken(false))).toBe(id);
    expect(device.reasons).toEqual([]);
  });

  it('survives months of renewals, and a request that arrives twice', async () => {
    const session = await device.open();
    const { id } = await session.signUp(registration());
    for (let week = 0; week < 20; week += 1) {
      clock.advance(7 * DAY);
      device.next = async (url, init) => {
        await authServer(url, init);
        return authServer(url, init);
      };
      expect(subjectOf(await session.accessToken(false))).toBe(id);
    }
    expect(device.reasons).toEqual([]);
  });

  it('expires after 30 days without use, and says so', async () => {
    const session = await device.open();
    await session.signUp(registration());
    clock.advance(30 * DAY);
    await expect(session.accessToken(false)).rejects.toMatchObject({ name: 'SignedOut', reason: 'expired' });
    expect(device.reasons).toEqual(['expired']);
  });

  it.each<[string, (other: Session, details: ReturnType<typeof registration>) => Promise<unknown>]>([
    ['the learner signs out everywhere', (other) => json(other, 'POST /auth/logout-all', undefined)],
    [
      'the password is changed',
      (other, { password }) =>
        json(other, 'POST /auth/password', { currentPassword: password, newPassword: 'six geese a-laying' }),
    ],
    ['the account is deleted', (other, { password }) => json(other, 'DELETE /auth/me', { password })],
  ])('ends with its next renewal when %s on another device', async (_, end) => {
    const details = registration();
    const session = await device.open();
    await session.signUp(details);
    const elsewhere = new Device();
    const other = await elsewhere.open();
    await other.signIn(details);
    expect(await end(other, details)).toMatchObject({ status: 204 });
    elsewhere.close();

    const refused = await session.accessToken(false);
    expect((await as(refused, 'GET /auth/me')).status).toBe(401);
    await expect(session.accessToken(true, refused)).rejects.toMatchObject({ name: 'SignedOut', reason: 'ended' });
    expect(session.user()).toBeNull();
    expect(device.reasons).toEqual(['ended']);
  });

  it('ends when somebody else used a copy of its token', async () => {
    const session = await device.open();
    await session.signUp(registration());
    let copy = '';
    device.next = (_, init) => {
      copy = JSON.parse(String(init.body)).refreshToken;
      return Promise.reject(new TypeError('The request was lost'));
    };
    await expect(session.accessToken(true)).rejects.toMatchObject({ name: 'RequestFailed' });
    expect((await send('POST /auth/refresh', { refreshToken: copy })).status).toBe(200);
    clock.advance(61);
    await expect(session.accessToken(true)).rejects.toMatchObject({ name: 'SignedOut', reason: 'ended' });
  });

  it('of one learner ends at the server when another one signs in', async () => {
    const session = await device.open();
    const [first, second] = [registration(), registration()];
    await session.signUp(first);
    const token = await session.accessToken(false);
    const { id } = await session.signUp(second);
    expect((await as(token, 'GET /auth/me')).status).toBe(401);
    expect(subjectOf(await session.accessToken(false))).toBe(id);
    const sessions = await database
      .db()
      .collection('sessions')
      .countDocuments({ userId: subjectOf(token) });
    expect(sessions).toBe(0);
  });
});
