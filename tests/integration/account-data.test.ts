import { randomUUID } from 'node:crypto';
import { contract } from '../../functions/auth/contract.ts';
import { COLLECTIONS } from '../../shared/db/collections.ts';
import { eraseOwned } from '../../shared/db/ownership.ts';
import { transaction } from '../../shared/db/transaction.ts';
import { unscopedCollection } from '../../shared/db/unscoped.ts';
import { buildProgress } from '../support/builders/progress.ts';
import { expectNoProblems } from '../support/contract/no-problems.ts';
import { loadTargets, takesToken } from '../support/contract/targets.ts';
import { type Mention, mentionsOf } from '../support/database/contents.ts';
import { PASSWORD, useAuth, useQuickPasswords } from '../support/functions/auth.ts';
import { useClock } from '../support/jest/clock.ts';
import { useLogs } from '../support/jest/logs.ts';
import { runScript } from '../support/system/script.ts';

useQuickPasswords();
const logs = useLogs();
const clock = useClock();
const { database, mailbox, ...auth } = useAuth();

/** The field with the owner, by the name of the collection, which can differ from its key. */
const OWNERS: ReadonlyMap<string, string | null> = new Map(
  Object.values(COLLECTIONS).map(({ name, owner }) => [name, owner]),
);

const newAttempt = () => ({ attemptId: randomUUID(), deviceId: randomUUID() });

let count = 0;
/** Creates an account with documents in every collection that has an owner. */
async function newLearner() {
  const email = `learner-${++count}@example.com`;
  const { body } = await auth.register({ email, name: 'Ada', ...newAttempt(), deviceName: 'Phone' });
  await auth.login({ email, deviceId: randomUUID(), deviceName: 'Laptop' });
  await auth.send('POST /auth/password/forgot', { email });
  const id = String(body.user.id);
  await database
    .db()
    .collection<{ _id: string }>('grants')
    .insertOne({ _id: `sound/${id}`, ...{ courseId: 'sound', userId: id, expiresAt: null, createdAt: new Date() } });
  await unscopedCollection(database.db(), COLLECTIONS.progress).insertOne(buildProgress({ userId: id }));
  const feed = { _id: `feed-${id}`, userId: id, courseId: 'sound', seed: 'a seed', createdAt: new Date() };
  await unscopedCollection(database.db(), COLLECTIONS.feeds).insertOne(feed);
  return { email, id, accessToken: String(body.tokens.accessToken), refreshToken: String(body.tokens.refreshToken) };
}
type Learner = Awaited<ReturnType<typeof newLearner>>;

const remove = (accessToken: string, body: unknown) =>
  auth.send('DELETE /auth/me', body, { headers: { Authorization: `Bearer ${accessToken}` } });

const about = ({ id, email }: Learner) => mentionsOf(database.db(), id, email);

/** Documents that name a user and would be neither exported nor erased, because nobody declared their owner. */
const unowned = (mentions: readonly Mention[], { id }: Learner) =>
  mentions.filter(({ collection, document }) => document[OWNERS.get(collection) ?? ''] !== id);

describe('the personal data of a learner', () => {
  /** Calls every route of auth as one learner, and returns the called routes. */
  async function useEveryRoute(learner: Learner): Promise<Set<string>> {
    const called = new Set(['POST /auth/register', 'POST /auth/login', 'POST /auth/password/forgot']);
    const { email, accessToken } = learner;
    const expectOk = async (key: string, work: ReturnType<typeof auth.send>) => {
      called.add(key);
      const { status } = await work;
      expect([key, status]).toEqual([key, expect.any(Number)]);
      expect(status).toBeLessThan(300);
    };
    const as = (key: string, body?: unknown, token = accessToken, path: Record<string, string> = {}) => {
      const options = { path, headers: { Authorization: `Bearer ${token}` } };
      return expectOk(key, body === undefined ? auth.call(key, options) : auth.send(key, body, options));
    };
    const signIn = async (password: string) => (await auth.login({ email, password })).body.tokens;

    await expectOk('POST /auth/refresh', auth.refresh(learner.refreshToken));
    await expectOk('GET /.well-known/jwks.json', auth.call('GET /.well-known/jwks.json'));
    await as('GET /auth/me');
    await as('PATCH /auth/me', { name: 'Ada Moore' });
    await as('GET /auth/me/export');
    await as('GET /auth/sessions');
    const other = (await auth.as(accessToken, 'GET /auth/sessions')).body.items.find(
      ({ current }: { current: boolean }) => !current,
    );
    await as('DELETE /auth/sessions/{sessionId}', undefined, accessToken, { sessionId: other.id });
    await as('POST /auth/password', { currentPassword: PASSWORD, newPassword: 'six geese a-laying' });
    await as('POST /auth/email/verification');
    const token = mailbox.lastToken(email);
    await expectOk('POST /auth/email/verify', auth.send('POST /auth/email/verify', { token }));
    await auth.send('POST /auth/password/forgot', { email });
    const reset = { token: mailbox.lastToken(email), newPassword: PASSWORD };
    await expectOk('POST /auth/password/reset', auth.send('POST /auth/password/reset', reset));
    await as('POST /auth/logout', undefined, (await signIn(PASSWORD)).accessToken);
    await as('POST /auth/logout-all', undefined, (await signIn(PASSWORD)).accessToken);
    await signIn(PASSWORD);
    await auth.login({ email, password: 'not this one' });
    await auth.send('POST /auth/password/forgot', { email });

    expect(unowned(await about(learner), learner)).toEqual([]);
    await as('DELETE /auth/me', { password: PASSWORD }, (await signIn(PASSWORD)).accessToken);
    return called;
  }

  it('is only in collections with a declared owner after every route, and gone after erasure', async () => {
    const learner = await newLearner();
    const called = await useEveryRoute(learner);
    // Call new routes above too, because they may write to a new place.
    expect(called).toEqual(new Set(Object.keys(contract.routes)));
    expect(await about(learner)).toEqual([]);
  });

  it('is found in a collection that nobody declared', async () => {
    const learner = await newLearner();
    const stray = { note: { of: [`x ${learner.email.toUpperCase()}`] } };
    await database.db().collection('strays').insertOne(stray);
    expect(unowned(await about(learner), learner)).toMatchObject([{ collection: 'strays' }]);
    await database.db().collection('strays').drop();
  });

  it('is only in collections with a declared owner after every route of the other functions', async () => {
    const learner = await newLearner();
    const headers = { Authorization: `Bearer ${learner.accessToken}` };
    const others = (await loadTargets()).filter((target) => takesToken(target) && target.functionName !== 'auth');
    for (const { attack } of others) await attack({ headers });
    const problems = unowned(await about(learner), learner).map(
      ({ collection }) =>
        `${collection} holds documents that name a user, which an erasure of the account would miss: declare it in shared/db/collections.ts with owned('userId', …)`,
    );
    expectNoProblems(problems);
  });
});

describe('GET /auth/me/export', () => {
  const exportOf = ({ accessToken }: Learner) => auth.as(accessToken, 'GET /auth/me/export');

  it('has what the learner played, by lesson and by day, without the digests of events', async () => {
    const learner = await newLearner();
    const registers = { position: null, furthest: null, completion: null, firstCompletion: null };
    const played = buildProgress({
      userId: learner.id,
      courseId: 'light',
      lessons: { one: { ...registers, playedMs: 90_000 } },
      playedMsByDay: { '2026-11-30': 90_000 },
      playedEvents: { A: 'AbCdEfGhIjK' },
      recentEvents: ['AbCdEfGhIjK'],
    });
    await unscopedCollection(database.db(), COLLECTIONS.progress).insertOne(played);
    const { body } = await exportOf(learner);
    const [light] = body.collections.progress.filter(({ courseId }: { courseId: string }) => courseId === 'light');
    expect(light).toMatchObject({
      lessons: { one: { playedMs: 90_000 } },
      playedMsByDay: { '2026-11-30': 90_000 },
    });
    expect(JSON.stringify(body)).not.toContain('AbCdEfGhIjK');
  });

  it('returns everything in every collection with an owner, as a file to save', async () => {
    const learner = await newLearner();
    const answer = await exportOf(learner);
    expect(answer).toMatchObject({
      status: 200,
      headers: { 'Cache-Control': 'no-store', 'Content-Disposition': 'attachment; filename="lectern-account.json"' },
      body: { exportedAt: new Date().toISOString() },
    });

    const owned = [...OWNERS].filter(([, owner]) => owner !== null).map(([name]) => name);
    expect(new Set(Object.keys(answer.body.collections))).toEqual(new Set(owned));
    for (const [name, owner] of OWNERS) {
      if (owner === null) continue;
      const stored = await database
        .db()
        .collection(name)
        .find({ [owner]: learner.id })
        .toArray();
      const exported: { readonly _id: unknown }[] = answer.body.collections[name];
      const ids = (documents: readonly { readonly _id: unknown }[]) => new Set(documents.map(({ _id }) => String(_id)));
      expect({ name, ids: ids(exported) }).toEqual({ name, ids: ids(stored) });
      if (exported.length === 0) {
        throw new Error(
          `${name} has no document: insert one in newLearner(), so that its export and erasure are tested`,
        );
      }
    }
    expect(answer.body.collections).toMatchObject({
      users: [{ _id: learner.id, email: learner.email, name: 'Ada', roles: ['learner'] }],
      sessions: expect.arrayContaining([expect.objectContaining({ deviceName: 'Laptop' })]),
      grants: [{ courseId: 'sound', expiresAt: null }],
    });
  });

  it('contains no secret, whole or in part', async () => {
    const learner = await newLearner();
    await auth.refresh(learner.refreshToken, { attemptId: randomUUID() });
    const text = JSON.stringify((await exportOf(learner)).body);
    const stored = JSON.stringify((await about(learner)).map(({ document }) => document));
    expect(stored).toMatch(/"(passwordHash|seed|hash)":/);
    expect(stored).toMatch(/"registrationAttemptHash":"[\w-]{43}"/);
    expect(stored).toMatch(/"attemptHash":"[\w-]{43}"/);
    expect(text).not.toMatch(/hash|seed|scrypt|knownNetworks/i);
    for (const [, secret = ''] of stored.matchAll(/"(?:passwordHash|seed|hash|\w*[aA]ttemptHash)":"([^"]+)"/g)) {
      expect(text).not.toContain(secret);
    }
  });

  it('has all dates in RFC 3339, in UTC with milliseconds', async () => {
    const learner = await newLearner();
    const dates: string[] = [];
    JSON.stringify((await exportOf(learner)).body, (key, value: unknown) => {
      if (/At$/.test(key) && typeof value === 'string') dates.push(value);
      return value;
    });
    expect(dates.length).toBeGreaterThan(5);
    for (const date of dates) expect(date).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  });

  it('contains nothing about anybody else', async () => {
    const [ada, eve] = [await newLearner(), await newLearner()];
    const text = JSON.stringify((await exportOf(ada)).body);
    expect(text).not.toContain(eve.id);
    expect(text).not.toContain(eve.email);
  });
});

describe('DELETE /auth/me', () => {
  it('erases everything that the learner owns, and nothing else', async () => {
    const [ada, eve] = [await newLearner(), await newLearner()];
    const before = await about(eve);
    expect(await remove(ada.accessToken, { password: PASSWORD })).toMatchObject({ status: 204, body: undefined });
    expect(await about(ada)).toEqual([]);
    expect(await about(eve)).toEqual(before);
  });

  it('logs the id, by which operators erase the account again after a restore of the database, and nothing else', async () => {
    const [ada, eve] = [await newLearner(), await newLearner()];
    const [before, backup] = [await about(eve), await about(ada)];
    await remove(ada.accessToken, { password: PASSWORD });
    const [logged] = logs.lines().filter(({ message }) => message === 'Account erased');
    expect(logged).toMatchObject({ level: 'INFO', userId: ada.id });
    expect(JSON.stringify(logged)).not.toContain(ada.email);

    for (const { collection, document } of backup) await database.db().collection(collection).insertOne(document);
    const erase = () =>
      runScript('scripts/erase-accounts.ts', [String(logged?.['userId'])], { MONGODB_URI: database.uri() });
    expect(await erase()).toEqual({ code: 0, stdout: `${ada.id}: erased\n`, stderr: '' });
    expect([await about(ada), await about(eve)]).toEqual([[], before]);
    expect(await erase()).toMatchObject({ code: 0, stdout: `${ada.id}: no such account\n` });
  });

  it('ends every session, at once where the database is queried and elsewhere within the lifetime of a token', async () => {
    const { email, accessToken, refreshToken } = await newLearner();
    const other = (await auth.login({ email })).body.tokens;
    await remove(accessToken, { password: PASSWORD });
    for (const pair of [{ accessToken, refreshToken }, other]) {
      expect(await auth.as(pair.accessToken, 'GET /auth/me')).toMatchObject({ body: { code: 'invalid-token' } });
      expect(await auth.refresh(pair.refreshToken)).toMatchObject({ body: { code: 'invalid-token' } });
    }
    expect(await auth.login({ email })).toMatchObject({ status: 401, body: { code: 'invalid-credentials' } });
    clock.advance(15 * 60 + 30);
    expect(await auth.as(other.accessToken, 'GET /auth/me')).toMatchObject({ body: { code: 'token-expired' } });
  });

  it('leaves no session behind from a concurrent sign-in', async () => {
    for (let time = 0; time < 20; time++) {
      const learner = await newLearner();
      const [removed] = await Promise.all([
        remove(learner.accessToken, { password: PASSWORD }),
        auth.login({ email: learner.email }),
        auth.login({ email: learner.email }),
      ]);
      expect(removed).toMatchObject({ status: 204 });
      expect(await about(learner)).toEqual([]);
    }
  });

  it('invalidates the links of earlier mails, and frees the address', async () => {
    const { email, accessToken } = await newLearner();
    const token = mailbox.lastToken(email);
    await remove(accessToken, { password: PASSWORD });
    const reset = await auth.send('POST /auth/password/reset', { token, newPassword: 'six geese a-laying' });
    expect(reset).toMatchObject({ status: 401, body: { code: 'invalid-token' } });
    expect(await auth.register({ email })).toMatchObject({ status: 201 });
  });

  it.each([
    ['the wrong password', { password: 'not this one' }, 401, 'invalid-credentials'],
    ['no password', {}, 400, 'invalid-request'],
    ['an operator as the password', { password: { $ne: '' } }, 400, 'invalid-request'],
    ['additional members', { password: PASSWORD, userId: '65f1c0ffee65f1c0ffee65f1' }, 400, 'invalid-request'],
    ['a password of 10 MB', { password: 'x'.repeat(10 * 1024 * 1024) }, 413, 'payload-too-large'],
  ])('rejects %s, and erases nothing', async (_, body, status, code) => {
    const learner = await newLearner();
    const before = (await about(learner)).length;
    expect(await remove(learner.accessToken, body)).toMatchObject({ status, body: { code } });
    expect(await about(learner)).toHaveLength(before);
  });

  it('is all or nothing', async () => {
    const learner = await newLearner();
    const before = await about(learner);
    const failing = transaction(async (db, session) => {
      await eraseOwned(db, session, learner.id);
      throw new Error('the server went away');
    });
    await expect(failing).rejects.toThrow('the server went away');
    expect(await about(learner)).toEqual(before);
  });
});
