import { createHmac } from 'node:crypto';
import { handler } from '../../functions/authorizer/handler.ts';
import { publishCourse } from '../../publishing/publish/publish.ts';
import { closeDatabase } from '../../shared/db/client.ts';
import { COLLECTIONS, collection } from '../../shared/db/collections.ts';
import { migrate } from '../../shared/db/migrate.ts';
import { unscopedCollection } from '../../shared/db/unscoped.ts';
import { buildGrant, buildSession, buildUser } from '../support/builders/account.ts';
import { buildCourseSource } from '../support/builders/course-source.ts';
import { useDatabase } from '../support/database/database.ts';
import { commandsOf, monitored } from '../support/database/queries.ts';
import { authorizerEvent } from '../support/functions/api-event.ts';
import { useLogs } from '../support/jest/logs.ts';
import {
  buildToken,
  craftToken,
  createSigningKey,
  goodClaims,
  goodHeader,
  publicKeySet,
  signingKey,
  useAccessTokens,
  withPart,
} from '../support/keys/access-tokens.ts';

useAccessTokens();
const database = useDatabase();
const logs = useLogs();

const users = () => unscopedCollection(database.db(), COLLECTIONS.users);
const sessions = () => unscopedCollection(database.db(), COLLECTIONS.sessions);
const grants = () => unscopedCollection(database.db(), COLLECTIONS.grants);
const courses = () => collection(database.db(), COLLECTIONS.courses);

const { sub, sid } = goodClaims();
const LESSON = 'say-one-thing';

const ask = (courseId: string, token = buildToken(), lessonId = LESSON) =>
  handler(authorizerEvent({ courseId, lessonId }, { Authorization: `Bearer ${token}` }));

/** Returns `Allow` or `Deny`. */
async function verdict(...request: Parameters<typeof ask>): Promise<string | undefined> {
  const { policyDocument } = await ask(...request);
  return policyDocument.Statement[0]?.Effect;
}

beforeAll(async () => {
  process.env['MONGODB_URI'] = monitored(database.uri());
  await migrate(database.db());
  for (const access of ['public', 'members', 'restricted'] as const) {
    await publishCourse(database.db(), buildCourseSource({ id: access, title: access, access }));
  }
});
beforeEach(async () => {
  await Promise.all([users(), sessions(), grants()].map((documents) => documents.deleteMany({})));
  await users().insertOne(buildUser());
  await sessions().insertOne(buildSession());
});
afterAll(() => closeDatabase());

describe('the authorizer', () => {
  it('returns a policy for exactly this request, the principal, and context for the function', async () => {
    const token = buildToken({ claims: { roles: ['learner', 'author'] } });
    expect(await ask('members', token)).toEqual({
      principalId: sub,
      policyDocument: {
        Version: '2012-10-17',
        Statement: [
          {
            Action: 'execute-api:Invoke',
            Effect: 'Allow',
            Resource: `arn:aws:execute-api:eu-west-1:123456789012:tests/v1/GET/courses/members/lessons/${LESSON}`,
          },
        ],
      },
      context: { sessionId: sid, roles: 'learner author' },
    });
  });

  it('lets every learner read public and members’ courses, and no restricted ones', async () => {
    expect([await verdict('public'), await verdict('members'), await verdict('restricted')]).toEqual([
      'Allow',
      'Allow',
      'Deny',
    ]);
  });

  it('lets a learner with a grant read a restricted course until the grant expires or is removed', async () => {
    await grants().insertOne(buildGrant('restricted'));
    expect(await verdict('restricted')).toBe('Allow');
    await grants().updateOne({}, { $set: { expiresAt: new Date(Date.now() + 60_000) } });
    expect(await verdict('restricted')).toBe('Allow');
    await grants().updateOne({}, { $set: { expiresAt: new Date(Date.now() - 1) } });
    expect(await verdict('restricted')).toBe('Deny');
    await grants().deleteMany({});
    expect(await verdict('restricted')).toBe('Deny');
  });

  it('ignores grants of other learners and for other courses', async () => {
    await grants().insertMany([buildGrant('restricted', { userId: 'grace' }), buildGrant('members')]);
    expect(await verdict('restricted')).toBe('Deny');
  });

  it('lets an admin read everything, by the current roles of the account', async () => {
    const claimsAdmin = buildToken({ claims: { roles: ['learner', 'admin'] } });
    expect(await verdict('restricted', claimsAdmin)).toBe('Deny');
    await users().updateOne({ _id: sub }, { $set: { roles: ['learner', 'admin'] } });
    expect(await verdict('restricted')).toBe('Allow');
  });

  it('answers the same for an unknown course, a draft, and a course without a grant', async () => {
    await courses().updateOne({ _id: 'members' }, { $set: { published: null } });
    const answers = [await ask('unknown'), await ask('members'), await ask('restricted')];
    await publishCourse(database.db(), buildCourseSource({ id: 'members', title: 'members', access: 'members' }));
    expect(answers.map(({ policyDocument }) => policyDocument.Statement[0]?.Effect)).toEqual(['Deny', 'Deny', 'Deny']);
  });

  it.each(['*', 'a*', '?', 'a/b', '$', '{', 'a%2Ab', '', 'x'.repeat(65)])(
    'denies the lesson %p, whose ARN could be a pattern',
    async (lessonId) => {
      expect(await verdict('members', buildToken(), lessonId)).toBe('Deny');
    },
  );

  it.each(['*', '__proto__', '', 'members/..'])('denies the course %p', async (courseId) => {
    expect(await verdict(courseId)).toBe('Deny');
  });
});

describe('a token is refused with the one message that API Gateway understands', () => {
  const attacker = createSigningKey('attacker');
  const published = publicKeySet(signingKey);
  const hs256 = (input: string) => createHmac('sha256', published).update(input).digest();

  it.each<[string, () => Promise<unknown>]>([
    ['when it is not a token', () => ask('public', 'nonsense')],
    ['when an attacker signed it', () => ask('public', buildToken({ key: attacker }))],
    [
      'when an attacker signed it under our key id',
      () => ask('public', buildToken({ key: { ...attacker, kid: signingKey.kid } })),
    ],
    [
      'when it is signed with the public key as a secret',
      () => ask('public', craftToken({ header: JSON.stringify({ ...goodHeader(), alg: 'HS256' }), signature: hs256 })),
    ],
    [
      'when it is not signed',
      () => ask('public', craftToken({ header: '{"alg":"none"}', signature: () => Buffer.alloc(0) })),
    ],
    [
      'when it was altered',
      () =>
        ask(
          'public',
          withPart(buildToken(), 1, (part) => `${part.slice(0, -2)}AA`),
        ),
    ],
    ['when it has expired', () => ask('public', buildToken({ now: new Date(Date.now() - 3_600_000) }))],
    ['when it is for another audience', () => ask('public', buildToken({ claims: { aud: 'https://other.test' } }))],
    ['when its session is unknown', () => ask('public', buildToken({ claims: { sid: 'guessed' } }))],
    ['when its session belongs to another account', () => ask('public', buildToken({ claims: { sub: 'grace' } }))],
    ['when it is of another epoch', () => ask('public', buildToken({ claims: { ep: 1 } }))],
    ['when it is missing', () => handler(authorizerEvent({ courseId: 'public', lessonId: LESSON }, {}))],
    [
      'when it came as another scheme',
      () =>
        handler(authorizerEvent({ courseId: 'public', lessonId: LESSON }, { Authorization: `Basic ${buildToken()}` })),
    ],
  ])('%s', async (_, asking) => {
    await users().insertOne(buildUser({ _id: 'grace' }));
    await expect(asking()).rejects.toMatchObject({ name: 'Error', message: 'Unauthorized' });
    expect(logs.lines()).toMatchObject([
      { level: 'INFO', message: 'Request refused', status: 401, route: 'GET /courses/{courseId}/lessons/{lessonId}' },
    ]);
    expect(logs.text()).not.toMatch(/eyJ|Bearer/);
  });

  it.each<[string, () => Promise<unknown>]>([
    ['when the session was revoked', () => sessions().deleteMany({})],
    ['when the session has expired', () => sessions().updateMany({}, { $set: { expiresAt: new Date() } })],
    ['when the account ended all its sessions', () => users().updateMany({}, { $inc: { tokenEpoch: 1 } })],
    ['when the account is gone', () => users().deleteMany({})],
  ])('%s', async (_, end) => {
    const token = buildToken();
    expect(await verdict('public', token)).toBe('Allow');
    await end();
    await expect(ask('public', token)).rejects.toThrow(/^Unauthorized$/);
  });
});

describe('the database', () => {
  /** Enough other documents to reveal a plan that reads too much. */
  beforeEach(async () => {
    const ids = Array.from({ length: 200 }, (_, index) => `filler-${index}`);
    await users().insertMany(ids.map((_id) => buildUser({ _id })));
    await sessions().insertMany(ids.map((_id) => buildSession({ _id })));
    await grants().insertMany(ids.map((id) => buildGrant(id)));
    await grants().insertOne(buildGrant('restricted'));
  });

  it('gets one command, which reads four documents by id', async () => {
    const commands = await commandsOf(() => ask('restricted'));
    expect(commands).toHaveLength(1);
    const { aggregate, pipeline } = commands[0] ?? {};
    const plan = await database
      .db()
      .command({ explain: { aggregate, pipeline, cursor: {} }, verbosity: 'executionStats' });

    expect(JSON.stringify(plan)).not.toContain('COLLSCAN');
    const lookups = (plan['stages'] as Record<string, unknown>[]).filter((stage) => '$lookup' in stage);
    expect(lookups).toHaveLength(3);
    for (const lookup of lookups) {
      expect(lookup).toMatchObject({ indexesUsed: ['_id_'], collectionScans: 0 });
      expect(Number(lookup['totalDocsExamined'])).toBe(1);
    }
    const [first] = plan['stages'] as [{ $cursor: { executionStats: { totalDocsExamined: number } } }];
    expect(first.$cursor.executionStats.totalDocsExamined).toBe(1);
  });

  it('gets no command for an invalid token', async () => {
    expect(await commandsOf(() => ask('public', 'nonsense').catch(() => undefined))).toEqual([]);
  });
});

describe('an internal failure', () => {
  it('is not a refusal, reveals nothing, and is logged with its cause', async () => {
    const audience = process.env['TOKEN_AUDIENCE'];
    delete process.env['TOKEN_AUDIENCE'];
    await expect(ask('public')).rejects.toMatchObject({ name: 'AuthorizationFailure', message: 'internal-error' });
    process.env['TOKEN_AUDIENCE'] = audience;
    expect(logs.lines()).toMatchObject([
      {
        level: 'ERROR',
        message: 'Authorization failed',
        code: 'internal-error',
        error: { message: expect.stringContaining('TOKEN_AUDIENCE') },
      },
    ]);
  });

  it('includes an unreachable database, which refuses nobody', async () => {
    await closeDatabase();
    process.env['MONGODB_URI'] = 'mongodb://127.0.0.1:1/gone?serverSelectionTimeoutMS=1';
    await expect(ask('public')).rejects.toMatchObject({ name: 'AuthorizationFailure', message: 'unavailable' });
    await closeDatabase();
    process.env['MONGODB_URI'] = monitored(database.uri());
  });
});
