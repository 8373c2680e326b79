import path from 'node:path';
import { contract } from '../../functions/auth/contract.ts';
import { parseSigningKey } from '../../functions/auth/token/access-token-key.ts';
import { publishCourse } from '../../publishing/publish/publish.ts';
import { parsePublicKeys } from '../../shared/auth/key-set.ts';
import { keyIdOf } from '../../shared/auth/verify-access-token.ts';
import { migrate } from '../../shared/db/migrate.ts';
import { findEnvironment } from '../../tools/environment/environment.ts';
import { secretParametersOf } from '../../tools/keys/secret-parameters.ts';
import { useMailbox } from '../support/aws/mailbox.ts';
import { buildCourseSource } from '../support/builders/course-source.ts';
import { useDatabase } from '../support/database/database.ts';
import { authorizerEvent } from '../support/functions/api-event.ts';
import { callerOf } from '../support/functions/call.ts';
import { useClock } from '../support/jest/clock.ts';
import { AUDIENCE, buildToken, ISSUER } from '../support/keys/access-tokens.ts';
import { useKeysCommand } from '../support/keys/keys-command.ts';

const root = path.resolve(import.meta.dirname, '../..');
const PRIVATE_KEY = '/lectern/dev/access-token-private-key';
const PUBLIC_KEYS = '/lectern/dev/access-token-public-keys';
const NEXT_KEY = '/lectern/dev/access-token-next-private-key';

const MONGODB_URI = '/lectern/dev/mongodb-uri';

const clock = useClock();
const database = useDatabase();
useMailbox();

const { store, keys, parameterValue } = useKeysCommand();
const { parameters } = store;

const signingKid = () => parseSigningKey(parameterValue(PRIVATE_KEY)).kid;
const publishedKids = () => [...parsePublicKeys(parameterValue(PUBLIC_KEYS)).keys()];

describe('the keys of an environment', () => {
  it('are created with the other random secrets, encrypted unless public, and never overwritten', async () => {
    const { code, text } = await keys('create');
    expect(code).toBe(0);
    expect(text).toContain('Missing: /lectern/dev/mongodb-uri (yours to set)');
    const types = Object.fromEntries([...parameters.values()].map(({ Name, Type }) => [Name, Type]));
    expect(types).toEqual({
      [PRIVATE_KEY]: 'SecureString',
      [PUBLIC_KEYS]: 'String',
      '/lectern/dev/cursor-key': 'SecureString',
      '/lectern/dev/refresh-key': 'SecureString',
      '/lectern/dev/rate-limit-key': 'SecureString',
      '/lectern/dev/feed-key': 'SecureString',
      '/lectern/dev/media-signing-key': 'SecureString',
      '/lectern/dev/media-public-key-a': 'String',
      '/lectern/dev/media-public-key-b': 'String',
    });
    expect(publishedKids()).toEqual([signingKid()]);

    const made = new Map(parameters);
    clock.advance(60);
    expect((await keys('create')).code).toBe(0);
    expect(parameters).toEqual(made);
  });

  it('include the next private key where no function can read it, encrypted, until it signs', async () => {
    await keys('create');
    const first = signingKid();
    await keys('publish');
    expect(parameters.get(NEXT_KEY)?.Type).toBe('SecureString');
    expect([...secretParametersOf(root, await findEnvironment(root, 'dev')).values()]).not.toContain(NEXT_KEY);
    const next = parseSigningKey(parameterValue(NEXT_KEY)).kid;
    expect([signingKid(), publishedKids()]).toEqual([first, [first, next]]);

    clock.advance(180);
    await keys('switch');
    expect([signingKid(), publishedKids(), parameters.has(NEXT_KEY)]).toEqual([next, [first, next], false]);
  });

  it('are shown only by their ids', async () => {
    const steps = [await keys('create'), await keys('publish'), await keys('media', 'publish'), await keys('show')];
    const shown = steps.map(({ text }) => text).join('\n');
    expect(shown).toContain(signingKid());
    for (const { Value, Type } of parameters.values()) {
      if (Type !== 'SecureString') continue;
      expect(shown).not.toContain(Value);
      if (!Value.startsWith('{')) continue;
      const { d, privateKey } = JSON.parse(Value) as { readonly d?: string; readonly privateKey?: string };
      const secret = d ?? privateKey?.split('\n')[1];
      expect(secret).toMatch(/.{40}/);
      expect(shown).not.toContain(secret);
    }
  });

  it('stay valid when a command fails at any write, and the command can be repeated', async () => {
    const steps = ['create', 'publish', 'switch', 'retire'];
    for (const step of steps) {
      let failures = 0;
      for (let code: number | 'failed' = 'failed'; code !== 0; failures += 1) {
        store.failAfter(failures);
        code = await keys(step, '--force').then(
          (outcome) => outcome.code,
          (error: Error) => {
            expect(error.message).toMatch(/^\/lectern\/dev\/[\w-]+ could not be changed: AccessDeniedException\./);
            return 'failed' as const;
          },
        );
        if (parameters.has(PRIVATE_KEY)) expect(publishedKids()).toContain(signingKid());
      }
      expect(failures).toBeGreaterThan(1);
    }
    store.failAfter(Number.POSITIVE_INFINITY);
    expect(publishedKids()).toEqual([signingKid()]);
    expect((await keys('show')).text).toContain('Next step: publish');
  });
});

const PASSWORD = 'seven swans a-swimming';
const LESSON = { courseId: 'members', lessonId: 'say-one-thing' };

/** A container of auth and of the authorizer, with its own modules, and so its own keys and database client. */
async function startContainer() {
  jest.resetModules();
  // As in support/passwords.ts, for the modules of this container.
  const { PASSWORD_COST } = await import('../../functions/auth/password/password-hash.ts');
  Object.assign(PASSWORD_COST, { ln: 7 });
  const auth = await import('../../functions/auth/handler.ts');
  const authorizer = await import('../../functions/authorizer/handler.ts');
  const { closeDatabase } = await import('../../shared/db/client.ts');

  const call = callerOf(auth.handler, contract);
  const bearer = (token: string) => ({ Authorization: `Bearer ${token}` });
  return {
    stop: closeDatabase,
    send: (key: string, body: unknown) =>
      call(key, { headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) }),
    /** How a route of auth and the authorizer judge a token. */
    async accepts(token: string): Promise<readonly [sessions: number, lesson: string | undefined]> {
      const [{ status }, lesson] = await Promise.all([
        call('GET /auth/sessions', { headers: bearer(token) }),
        authorizer.handler(authorizerEvent(LESSON, bearer(token))).then(
          ({ policyDocument }) => policyDocument.Statement[0]?.Effect,
          (error: Error) => error.message,
        ),
      ]);
      return [status, lesson];
    },
  };
}

type Container = Awaited<ReturnType<typeof startContainer>>;

const ACCEPTED = [200, 'Allow'];
const REFUSED = [401, 'Unauthorized'];

describe('under load', () => {
  const containers: Container[] = [];
  // Containers read their keys again as late as they may.
  beforeEach(() => void jest.spyOn(Math, 'random').mockReturnValue(0));
  afterEach(async () => {
    jest.restoreAllMocks();
    await Promise.all(containers.splice(0).map(({ stop }) => stop()));
  });

  it('a rotation fails no request, whatever each container has cached, and the old key becomes invalid', async () => {
    const Value = database.uri();
    parameters.set(MONGODB_URI, { Name: MONGODB_URI, Type: 'SecureString', Value, LastModifiedDate: 0 });
    await keys('create');
    const secretParameters = secretParametersOf(root, await findEnvironment(root, 'dev'));
    // As in template.yaml, auth and the authorizer name only what exists: a stack writes the ids of media keys.
    for (const [name, parameter] of secretParameters)
      if (parameters.has(parameter)) process.env[`${name}_PARAMETER`] = parameter;
    Object.assign(process.env, { TOKEN_ISSUER: ISSUER, TOKEN_AUDIENCE: AUDIENCE });
    await migrate(database.db());
    await publishCourse(database.db(), buildCourseSource({ id: 'members', title: 'Members', access: 'members' }));

    interface Issued {
      readonly token: string;
      readonly atMs: number;
    }
    let issued: Issued[] = [];
    const signedBy = new Map<string, number>();
    const refreshTokens = new Map<Container, string>();
    let requests = 0;

    function note({ accessToken }: { readonly accessToken: string }): void {
      issued.push({ token: accessToken, atMs: Date.now() });
      const kid = keyIdOf(accessToken);
      signedBy.set(kid, (signedBy.get(kid) ?? 0) + 1);
    }

    async function start(): Promise<void> {
      const container = await startContainer();
      containers.push(container);
      const email = `learner-${containers.length}@example.com`;
      const { status, body } = await container.send('POST /auth/register', { email, password: PASSWORD, name: 'Ada' });
      expect(status).toBe(201);
      refreshTokens.set(container, body.tokens.refreshToken);
      note(body.tokens);
    }

    /** Every container signs in a learner and renews a session, and each is tried with tokens of every age. */
    async function load(): Promise<void> {
      await Promise.all(
        containers.map(async (container, at) => {
          const credentials = { email: `learner-${at + 1}@example.com`, password: PASSWORD };
          const refreshToken = refreshTokens.get(container);
          const [signedIn, renewed] = await Promise.all([
            container.send('POST /auth/login', credentials),
            container.send('POST /auth/refresh', { refreshToken }),
          ]);
          expect([signedIn.status, renewed.status]).toEqual([200, 200]);
          refreshTokens.set(container, renewed.body.tokens.refreshToken);
          note(signedIn.body.tokens);
          note(renewed.body.tokens);
          requests += 2;
        }),
      );
      // To the end of their life, of which the last 30 s are leeway.
      issued = issued.filter(({ atMs }) => Date.now() - atMs < 930_000);
      const tokens = [...issued.slice(0, 2), ...issued.slice(-2 * containers.length)].map(({ token }) => token);
      await Promise.all(
        containers.flatMap((container) =>
          tokens.map(async (token) => {
            expect(await container.accepts(token)).toEqual(ACCEPTED);
            requests += 2;
          }),
        ),
      );
    }

    /** An attacker makes up key ids, so that every container has just used its one refetch of the minute. */
    async function forge(): Promise<void> {
      const token = buildToken({ header: { kid: 'made-up' } });
      for (const container of containers) expect(await container.accepts(token)).toEqual(REFUSED);
    }

    async function loadFor(seconds: number, everySeconds = 30): Promise<void> {
      for (let passed = 0; passed < seconds; passed += everySeconds) {
        clock.advance(Math.min(everySeconds, seconds - passed));
        await load();
      }
    }

    async function startAndLoad(): Promise<void> {
      await start();
      await load();
    }

    async function stepUnderLoad(step: string): Promise<void> {
      await forge();
      const [{ code }] = await Promise.all([keys(step), load()]);
      expect(code).toBe(0);
      await load();
    }

    await startAndLoad();
    await startAndLoad();
    await loadFor(60);
    const old = signingKid();
    const oldKey = parseSigningKey(parameterValue(PRIVATE_KEY));

    await stepUnderLoad('publish');
    await startAndLoad();
    await loadFor(179);
    expect((await keys('switch')).code).toBe(1);
    await loadFor(1);

    // All containers have just read the signing key, and cache it for a minute. A new one has the next key at once.
    clock.advance(1);
    await stepUnderLoad('switch');
    await startAndLoad();
    const next = signingKid();
    expect(next).not.toBe(old);
    await loadFor(58);
    const lastOfOld = issued.filter(({ token }) => keyIdOf(token) === old).slice(-2);
    expect(lastOfOld.map(({ atMs }) => atMs)).toEqual([Date.now(), Date.now()]);
    await loadFor(1831, 300);
    expect((await keys('retire')).code).toBe(1);
    clock.advance(1);

    await stepUnderLoad('retire');
    await startAndLoad();
    await loadFor(60);

    expect(publishedKids()).toEqual([next]);
    for (const kid of [old, next]) expect(signedBy.get(kid)).toBeGreaterThan(10);
    expect(requests).toBeGreaterThan(500);
    for (const container of containers) {
      for (const { token } of lastOfOld) expect(await container.accepts(token)).toEqual(REFUSED);
    }
    // A young token of the old key is not accepted either where the key is unknown.
    const youngToken = buildToken({ key: { kid: old, privateKey: oldKey.key, publicKey: oldKey.key } });
    expect(await containers.at(-1)?.accepts(youngToken)).toEqual(REFUSED);
  }, 120_000);
});
