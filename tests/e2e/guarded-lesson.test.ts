import type { LogEntry } from '../../local/gateway/lambda/log.ts';
import { COLLECTIONS } from '../../shared/db/collections.ts';
import { unscopedCollection } from '../../shared/db/unscoped.ts';
import { buildGrant, buildSession, buildUser } from '../support/builders/account.ts';
import {
  buildToken,
  createSigningKey,
  privateKeyJwk,
  publicKeySet,
  signingKey,
  type TokenOptions,
  withPart,
} from '../support/keys/access-tokens.ts';
import type { HttpAnswer } from '../support/system/client.ts';
import { useSystem } from '../support/system/system.ts';

const MEMBERS = '/courses/listening-to-the-world/lessons/what-a-sound-is';
const RESTRICTED = '/courses/seeing-with-numbers/lessons/spread';

/** How long authorizer results and stage cache entries live by the template. */
const TTL_SECONDS = 60;

let passedSeconds = 0;
const startedAt = Date.now();
const entries: LogEntry[] = [];

const { system, database, send } = useSystem({
  secrets: {
    ACCESS_TOKEN_PRIVATE_KEY: privateKeyJwk(signingKey),
    ACCESS_TOKEN_PUBLIC_KEYS: publicKeySet(signingKey),
  },
  log: (entry) => entries.push(entry),
  now: () => new Date(startedAt + passedSeconds * 1000),
});

beforeEach(async () => {
  system().gateway.flushCache();
  system().gateway.flushAuthorizers();
  for (const { name } of [COLLECTIONS.users, COLLECTIONS.sessions, COLLECTIONS.grants]) {
    await database.db().collection(name).deleteMany({});
  }
  await signUp('ada');
  await signUp('grace');
});

const grants = () => unscopedCollection(database.db(), COLLECTIONS.grants);
const sessions = () => unscopedCollection(database.db(), COLLECTIONS.sessions);

/** An account with one session, of the same name. */
async function signUp(name: string): Promise<void> {
  await unscopedCollection(database.db(), COLLECTIONS.users).insertOne(buildUser({ _id: name }));
  await sessions().insertOne(buildSession({ _id: `${name}-phone`, userId: name }));
}

/** A token as this system's `auth` issues it, except for the given claims. */
function tokenOf(name: string, { claims, ...options }: TokenOptions = {}): string {
  const settings = system().gateway.model.functions.find((fn) => fn.name === 'authorizer')?.environment ?? {};
  const { TOKEN_ISSUER: iss, TOKEN_AUDIENCE: aud } = settings;
  return buildToken({ ...options, claims: { iss, aud, sub: name, sid: `${name}-phone`, ...claims } });
}

const read = (route: string, accessToken?: string) => send('GET', route, { accessToken });

/** The gateway's log entry of the answer. */
function logOf({ headers }: HttpAnswer) {
  return entries.find((entry) => entry.kind === 'access' && entry.requestId === headers['x-amzn-requestid']);
}

const REFUSED = {
  status: 401,
  headers: {
    'content-type': 'application/problem+json',
    'cache-control': 'no-store',
    'www-authenticate': 'Bearer error="invalid_token"',
  },
  body: { code: 'invalid-token', type: 'urn:lectern:problem:invalid-token', status: 401 },
};

const FORBIDDEN = {
  status: 403,
  headers: { 'content-type': 'application/problem+json', 'cache-control': 'no-store' },
  body: { code: 'forbidden', type: 'urn:lectern:problem:forbidden', status: 403 },
};

describe('a members’ lesson', () => {
  it('can be read by any learner, and cached only on their device', async () => {
    const answer = await read(MEMBERS, tokenOf('ada'));
    expect(answer).toMatchObject({
      status: 200,
      headers: { 'x-cache': 'miss', 'cache-control': 'private, max-age=60' },
      body: { id: 'what-a-sound-is', courseId: 'listening-to-the-world', html: expect.stringContaining('<') },
    });
    expect(logOf(answer)).toMatchObject({ cache: 'miss', authorizer: 'miss' });
  });

  it('is refused without a token, and no function runs', async () => {
    const answer = await read(MEMBERS);
    expect(answer).toMatchObject(REFUSED);
    expect(logOf(answer)).toMatchObject({
      gatewayError: 'UNAUTHORIZED: the identity source header Authorization is missing',
    });
  });

  it('comes from the stage cache for the next reader, after their own authorization', async () => {
    const first = await read(MEMBERS, tokenOf('ada'));
    const second = await read(MEMBERS, tokenOf('grace'));
    expect(logOf(second)).toMatchObject({ cache: 'hit', authorizer: 'miss' });
    expect(second.headers['x-cache']).toBe('hit');
    expect(second.body).toEqual(first.body);
    expect(await read(MEMBERS)).toMatchObject(REFUSED);
    expect(await read(MEMBERS, tokenOf('nobody'))).toMatchObject(REFUSED);
  });

  it('can be read again without running a function', async () => {
    const token = tokenOf('ada');
    await read(MEMBERS, token);
    const again = await read(MEMBERS, token);
    expect(again.status).toBe(200);
    expect(logOf(again)).toMatchObject({ cache: 'hit', authorizer: 'hit' });
  });

  it('is not found if the course has no such lesson', async () => {
    const answer = await read('/courses/listening-to-the-world/lessons/none', tokenOf('ada'));
    expect(answer).toMatchObject({ status: 404, body: { code: 'not-found' } });
  });

  it('can still be previewed by everybody', async () => {
    const preview = await read('/courses/writing-that-teaches/previews/one-lesson-one-promise');
    const lesson = await read('/courses/writing-that-teaches/lessons/one-lesson-one-promise', tokenOf('ada'));
    expect([preview.status, lesson.body]).toEqual([200, preview.body]);
  });
});

describe('a restricted lesson', () => {
  it('is forbidden without a grant, and can be read with one', async () => {
    await grants().insertOne(buildGrant('seeing-with-numbers', { userId: 'ada' }));
    expect(await read(RESTRICTED, tokenOf('ada'))).toMatchObject({ status: 200, body: { id: 'spread' } });
    const refused = await read(RESTRICTED, tokenOf('grace'));
    expect(refused).toMatchObject(FORBIDDEN);
    expect(refused.headers).not.toHaveProperty('x-cache');
  });

  it('gets the same answer as a lesson of a course that does not exist', async () => {
    const known = await read(RESTRICTED, tokenOf('ada'));
    const unknown = await read('/courses/no-such-course/lessons/spread', tokenOf('ada'));
    expect({ ...unknown.body, requestId: 0 }).toEqual({ ...known.body, requestId: 0 });
  });

  it('follows a new or removed grant within the TTL of the authorizer', async () => {
    const token = tokenOf('ada');
    expect((await read(RESTRICTED, token)).status).toBe(403);
    await grants().insertOne(buildGrant('seeing-with-numbers', { userId: 'ada' }));
    passedSeconds += TTL_SECONDS;
    expect((await read(RESTRICTED, token)).status).toBe(200);

    await grants().deleteMany({});
    passedSeconds += TTL_SECONDS - 1;
    expect((await read(RESTRICTED, token)).status).toBe(200);
    passedSeconds += 1;
    expect(await read(RESTRICTED, token)).toMatchObject(FORBIDDEN);
  });
});

describe('a token', () => {
  it('is refused within the TTL of the authorizer after its session was revoked', async () => {
    const token = tokenOf('ada');
    expect((await read(MEMBERS, token)).status).toBe(200);
    await sessions().deleteMany({ userId: 'ada' });
    passedSeconds += TTL_SECONDS - 1;
    expect((await read(MEMBERS, token)).status).toBe(200);
    passedSeconds += 1;
    expect(await read(MEMBERS, token)).toMatchObject(REFUSED);
    // No decision about this one is cached, so it is refused at once.
    expect(await read(MEMBERS, tokenOf('ada'))).toMatchObject(REFUSED);
  });

  const attacker = createSigningKey('attacker');
  it.each<[string, () => string]>([
    ['signed by an attacker', () => tokenOf('ada', { key: attacker })],
    ['signed by an attacker under our key id', () => tokenOf('ada', { key: { ...attacker, kid: signingKey.kid } })],
    [
      'with the signature of another token',
      () => withPart(tokenOf('ada'), 2, () => tokenOf('grace').split('.')[2] ?? ''),
    ],
    ['that is altered', () => withPart(tokenOf('ada'), 1, (part) => part.replace(/.$/, ''))],
    ['that has expired', () => tokenOf('ada', { claims: { iat: 1_700_000_000, exp: 1_700_000_900 } })],
    ['for another audience', () => tokenOf('ada', { claims: { aud: 'https://other.test' } })],
  ])('%s is refused, even if the lesson is cached', async (_, forge) => {
    expect((await read(MEMBERS, tokenOf('ada'))).status).toBe(200);
    expect(await read(MEMBERS, forge())).toMatchObject(REFUSED);
  });

  it('is ignored in the query', async () => {
    expect(await read(`${MEMBERS}?access_token=${tokenOf('ada')}`)).toMatchObject(REFUSED);
  });
});

it('logs no token', () => {
  expect(entries.length).toBeGreaterThan(0);
  expect(JSON.stringify(entries)).not.toMatch(/eyJ|Bearer e/);
});
