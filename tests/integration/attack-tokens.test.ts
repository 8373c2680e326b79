import { hashPassword } from '../../functions/auth/password/password-hash.ts';
import { handler as authorize } from '../../functions/authorizer/handler.ts';
import { publishCourse } from '../../publishing/publish/publish.ts';
import { COLLECTIONS } from '../../shared/db/collections.ts';
import { unscopedCollection } from '../../shared/db/unscoped.ts';
import { buildSession, buildUser } from '../support/builders/account.ts';
import { buildCourseSource } from '../support/builders/course-source.ts';
import {
  type Attack,
  attackedAuthorizerEvent,
  loadTargets,
  type Outcome,
  type Target,
  takesToken,
} from '../support/contract/targets.ts';
import { snapshotOf } from '../support/database/contents.ts';
import { commandsOf } from '../support/database/queries.ts';
import { PASSWORD, useAuth, useQuickPasswords } from '../support/functions/auth.ts';
import { buildToken, malleated, useAccessTokens } from '../support/keys/access-tokens.ts';
import { FORGERIES, otherKey } from '../support/keys/forged-tokens.ts';

useQuickPasswords();
const { database } = useAuth();
useAccessTokens(otherKey);

const users = () => unscopedCollection(database.db(), COLLECTIONS.users);
const sessions = () => unscopedCollection(database.db(), COLLECTIONS.sessions);

/** Every route of every function that takes a token. */
let targets: readonly Target[];
let passwordHash: string;

beforeAll(async () => {
  targets = (await loadTargets()).filter(takesToken);
  passwordHash = await hashPassword(PASSWORD);
  await publishCourse(database.db(), buildCourseSource({ id: 'members', title: 'Members', access: 'members' }));
});

/** The account and the session of valid tokens, and the session that an example ends. */
async function signIn(): Promise<void> {
  await Promise.all([users().deleteMany({}), sessions().deleteMany({})]);
  await users().insertOne(buildUser({ passwordHash, roles: ['learner', 'author', 'admin'] }));
  await sessions().insertMany([buildSession(), buildSession({ _id: 'Zm9yIGV4YW1wbGUgb25seQ' })]);
}

const goodToken = () => buildToken({ claims: { roles: ['learner', 'author', 'admin'] } });
const bearing = (token: string): Attack => ({ headers: { Authorization: `Bearer ${token}` } });

const attackAll = (attack: Attack) => Promise.all(targets.map((target) => target.attack(attack)));
const authorizeFor = (attack: Attack) => authorize(attackedAuthorizerEvent('members', attack));
const unauthorized = expect.objectContaining({ name: 'Error', message: 'Unauthorized' });

const refusals = (code: string, challenge: string): Outcome[] =>
  targets.map(({ key }) => ({ key, status: 401, code, challenge, pointers: [] }));

it('covers every route that takes a token', () => {
  expect(targets.map(({ key }) => key)).toEqual(
    expect.arrayContaining(['GET /auth/me', 'POST /auth/logout', 'DELETE /auth/sessions/{sessionId}']),
  );
  expect(targets.length).toBeGreaterThanOrEqual(9);
});

it.each(['Bearer', 'bearer', 'BEARER'])('every route accepts a valid token after the scheme %s', async (scheme) => {
  const attack = { headers: { authorization: `${scheme} ${goodToken()}` } };
  for (const target of targets) {
    await signIn();
    const { key, status } = await target.attack(attack);
    expect([key, status]).not.toEqual([key, 401]);
  }
  await signIn();
  const { policyDocument } = await authorizeFor(attack);
  expect(policyDocument.Statement).toMatchObject([{ Effect: 'Allow' }]);
});

describe('every route, without effect,', () => {
  let before: Awaited<ReturnType<typeof snapshotOf>>;
  beforeAll(async () => {
    await signIn();
    before = await snapshotOf(database.db());
  });
  afterEach(async () => expect(await snapshotOf(database.db())).toEqual(before));

  describe.each(FORGERIES)('a forgery by %s', (_, forgeries) => {
    it.each(forgeries)('is rejected: %s', async (_sentence, forge) => {
      const attack = bearing(forge());
      const asked = await commandsOf(async () => {
        expect(await attackAll(attack)).toEqual(refusals('invalid-token', 'Bearer error="invalid_token"'));
        await expect(authorizeFor(attack)).rejects.toEqual(unauthorized);
      });
      expect(asked).toEqual([]);
    });
  });

  describe('a valid token', () => {
    it.each<[string, (token: string) => Attack]>([
      ['in the query', (token) => ({ query: { access_token: token, token, Authorization: `Bearer ${token}` } })],
      ['in a cookie', (token) => ({ headers: { Cookie: `access_token=${token}; Authorization=Bearer ${token}` } })],
      ['in the body', (token) => ({ body: { access_token: token, token, Authorization: `Bearer ${token}` } })],
      [
        'in another header',
        (token) => ({ headers: { 'X-Access-Token': token, 'Proxy-Authorization': `Bearer ${token}` } }),
      ],
    ])('is ignored %s', async (_, place) => {
      const attack = place(goodToken());
      expect(await attackAll(attack)).toEqual(refusals('missing-token', 'Bearer'));
      await expect(authorizeFor(attack)).rejects.toEqual(unauthorized);
    });

    it.each<[string, (token: string) => Readonly<Record<string, string | readonly string[]>>]>([
      ['twice', (token) => ({ Authorization: [`Bearer ${token}`, `Bearer ${token}`] })],
      ['after another one', (token) => ({ Authorization: ['Bearer x', `Bearer ${token}`] })],
      ['before Basic credentials', (token) => ({ Authorization: [`Bearer ${token}`, 'Basic YTpi'] })],
      [
        'in two headers of different case',
        (token) => ({ Authorization: `Bearer ${token}`, authorization: 'Bearer x' }),
      ],
      ['in a list', (token) => ({ Authorization: `Bearer ${token}, Bearer ${token}` })],
      ['as Basic credentials', (token) => ({ Authorization: `Basic ${token}` })],
      ['as the password of Basic credentials', (token) => ({ Authorization: `Basic ${btoa(`:${token}`)}` })],
      ['of another scheme', (token) => ({ Authorization: `DPoP ${token}` })],
      ['without a scheme', (token) => ({ Authorization: token })],
      ['without a space', (token) => ({ Authorization: `Bearer${token}` })],
      ['after a tab', (token) => ({ Authorization: `Bearer\t${token}` })],
      ['as a parameter', (token) => ({ Authorization: `Bearer token="${token}"` })],
      ['with another one beside it', (token) => ({ Authorization: `Bearer ${token} ${token}` })],
      ['left out', () => ({ Authorization: 'Bearer' })],
      ['left out after a space', () => ({ Authorization: 'Bearer ' })],
      ['left out with its scheme', () => ({ Authorization: '' })],
    ])('is rejected %s', async (_, headers) => {
      const attack = { headers: headers(goodToken()) };
      expect(await attackAll(attack)).toEqual(refusals('invalid-token', 'Bearer error="invalid_token"'));
      await expect(authorizeFor(attack)).rejects.toEqual(unauthorized);
    });

    it.each<[string, (seconds: number) => Readonly<Record<string, number>>]>([
      ['old', (seconds) => ({ iat: seconds - 3600, exp: seconds - 2700 })],
      ['long-lived', (seconds) => ({ exp: seconds + 3700 })],
      ['long-lived, though it ends soon', (seconds) => ({ iat: seconds - 3500, exp: seconds + 200 })],
      ['long-lived and old', (seconds) => ({ iat: seconds - 7200, exp: seconds - 60 })],
      ['long-lived, with an end in milliseconds', (seconds) => ({ exp: (seconds + 60) * 1000 })],
    ])('is rejected as expired if its only fault is that it is %s', async (_, times) => {
      const attack = bearing(buildToken({ claims: times(Math.floor(Date.now() / 1000)) }));
      const challenge = 'Bearer error="invalid_token", error_description="The access token expired"';
      expect(await attackAll(attack)).toEqual(refusals('token-expired', challenge));
      await expect(authorizeFor(attack)).rejects.toEqual(unauthorized);
    });
  });
});

it('the other valid ECDSA signature makes no second token: revoking one revokes both', async () => {
  const token = goodToken();
  const twins = [bearing(token), bearing(malleated(token))];
  await signIn();
  for (const twin of twins) {
    expect((await authorizeFor(twin)).policyDocument.Statement).toMatchObject([{ Effect: 'Allow' }]);
  }
  await sessions().deleteMany({});
  const [first, second] = [await attackAll(twins[0] ?? {}), await attackAll(twins[1] ?? {})];
  expect(second).toEqual(first);
  expect(second.filter(({ key, status }) => key.includes(' /auth/') && status !== 401)).toEqual([]);
  for (const twin of twins) await expect(authorizeFor(twin)).rejects.toEqual(unauthorized);
});
