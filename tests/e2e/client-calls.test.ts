import { randomUUID } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { ROUTES } from '../../client/src/api/routes.ts';
import { type AccessToken, createApi, type Fetch, type Result } from '../../client/src/api.ts';
import { publishCourse } from '../../publishing/publish/publish.ts';
import { buildAudio, buildLearnable } from '../support/builders/progress.ts';
import { useSystem } from '../support/system/system.ts';

/* The typed calls against the whole system over HTTP. */

const { system, database, dataDir } = useSystem();

const [password, newPassword, lastPassword] = ['seven swans a-swimming', 'six geese a-laying', 'five gold rings'];
const COURSE = { courseId: 'sound' };
const LESSON = { ...COURSE, lessonId: 'one' };

/** The token of the last mail in the outbox, whose file names sort by time. */
async function lastMailedToken(): Promise<string> {
  const outbox = path.join(dataDir(), 'outbox');
  const file = (await readdir(outbox)).sort((a, b) => a.localeCompare(b)).at(-1) ?? '';
  return /#token=(\S+)/.exec(await readFile(path.join(outbox, file), 'utf8'))?.[1] ?? '';
}

function apiWith(accessToken: AccessToken | null, send: Fetch = fetch) {
  return createApi({ baseUrl: system().apiUrl, accessToken, fetch: send });
}

/** The data of a success. A problem fails the test. */
async function ok<T>(call: Promise<Result<T>>): Promise<T> {
  const { data, error } = await call;
  if (error !== undefined) throw new Error(JSON.stringify(error));
  return data as T;
}

/** Which route a request is of, by the form of its path. */
function routeOf(method: string | undefined, url: string): string | undefined {
  const called = `${method} ${new URL(url).pathname.replace('/v1', '')}`;
  const isOfRoute = (route: string) => new RegExp(`^${route.replaceAll(/\{\w+\}/g, '[^/]+')}$`).test(called);
  // Such as /progress/days, before /progress/{courseId}.
  return Object.keys(ROUTES).find((route) => route === called) ?? Object.keys(ROUTES).find(isOfRoute);
}

beforeAll(async () => {
  const lessons = [{ ...buildAudio('one'), preview: true }, buildAudio('two')];
  await publishCourse(database.db(), buildLearnable({ id: 'sound', lessons }));
});

describe('the typed calls', () => {
  it('succeed with every route', async () => {
    const called = new Set<string | undefined>();
    let token = '';
    const api = apiWith(
      async () => token,
      (url, init) => {
        called.add(routeOf(init.method, url));
        return fetch(url, init);
      },
    );
    const email = 'ada@example.com';

    const { user, tokens } = await ok(api.POST('/auth/register', { body: { email, password, name: 'Ada' } }));
    token = tokens.accessToken;
    expect(await ok(api.GET('/auth/me'))).toMatchObject({ id: user.id, email, emailVerified: false });
    await ok(api.POST('/auth/email/verification'));
    await ok(api.POST('/auth/email/verify', { body: { token: await lastMailedToken() } }));
    expect(await ok(api.PATCH('/auth/me', { body: { name: 'Ada Moore' } }))).toMatchObject({ name: 'Ada Moore' });
    expect(Object.keys((await ok(api.GET('/auth/me/export'))).collections)).toContain('users');
    expect((await ok(api.GET('/.well-known/jwks.json'))).keys).not.toEqual([]);

    const { items } = await ok(api.GET('/courses', { params: { query: { format: 'audio', limit: 5 } } }));
    expect(items.map(({ id }) => id)).toContain('sound');
    const course = await ok(api.GET('/courses/{courseId}', { params: { path: COURSE } }));
    expect(course.modules[0]?.lessons.map(({ id }) => id)).toEqual(['one', 'two']);
    const params = { path: LESSON };
    const lesson = await ok(api.GET('/courses/{courseId}/lessons/{lessonId}', { params }));
    expect(lesson.next).toMatchObject({ id: 'two' });
    expect(await ok(api.GET('/courses/{courseId}/previews/{lessonId}', { params }))).toEqual(lesson);
    const grant = await ok(
      api.GET('/courses/{courseId}/lessons/{lessonId}/media-url', {
        params: { ...params, query: { purpose: 'download' } },
      }),
    );
    expect(grant.kind).toBe('progressive');
    await ok(api.GET('/courses/{courseId}/previews/{lessonId}/media-url', { params }));
    const grants = await ok(
      api.POST('/courses/{courseId}/media-urls', { params: { path: COURSE }, body: { lessonIds: ['one', 'none'] } }),
    );
    expect(grants.results.map((result) => result.problem?.code)).toEqual([undefined, 'not-found']);

    await ok(api.PUT('/progress/{courseId}', { params: { path: COURSE } }));
    const occurredAt = new Date().toISOString();
    const event = { eventId: randomUUID(), occurredAt, position: 30, playedSeconds: 30 };
    const recorded = await ok(
      api.PUT('/progress/{courseId}/lessons/{lessonId}', { params: { path: LESSON }, body: event }),
    );
    expect(recorded.lesson).toMatchObject({ position: 30, secondsPlayed: 30 });
    const events = [{ eventId: randomUUID(), ...COURSE, lessonId: 'two', occurredAt, completed: true }];
    const synced = await ok(api.POST('/progress/sync', { body: { sentAt: occurredAt, events } }));
    expect(synced.results.map(({ status }) => status)).toEqual(['applied']);
    expect(await ok(api.GET('/progress/{courseId}', { params: { path: COURSE } }))).toMatchObject({ fraction: 0.5 });
    expect((await ok(api.GET('/progress'))).items).toHaveLength(1);
    expect((await ok(api.GET('/progress/continue'))).items[0]?.lesson.id).toBe('one');
    expect((await ok(api.GET('/progress/days'))).items[0]?.secondsPlayed).toBe(30);

    expect((await ok(api.POST('/courses/{courseId}/feed', { params: { path: COURSE } }))).url).toContain('/feeds/');
    await ok(api.DELETE('/courses/{courseId}/feed', { params: { path: COURSE } }));
    await ok(api.DELETE('/progress/{courseId}', { params: { path: COURSE } }));

    await ok(api.POST('/auth/password', { body: { currentPassword: password, newPassword } }));
    await ok(api.POST('/auth/password/forgot', { body: { email } }));
    await ok(api.POST('/auth/password/reset', { body: { token: await lastMailedToken(), newPassword: lastPassword } }));
    const signedIn = await ok(api.POST('/auth/login', { body: { email, password: lastPassword } }));
    const body = { refreshToken: signedIn.tokens.refreshToken, attemptId: randomUUID() };
    token = (await ok(api.POST('/auth/refresh', { body }))).tokens.accessToken;
    const other = await ok(api.POST('/auth/login', { body: { email, password: lastPassword } }));
    const sessions = await ok(api.GET('/auth/sessions'));
    const another = sessions.items.find(({ current }) => !current);
    await ok(api.DELETE('/auth/sessions/{sessionId}', { params: { path: { sessionId: another?.id ?? '' } } }));
    expect(other.user.id).toBe(user.id);
    await ok(api.POST('/auth/logout'));
    for (const end of [
      () => api.POST('/auth/logout-all'),
      () => api.DELETE('/auth/me', { body: { password: lastPassword } }),
    ]) {
      token = (await ok(api.POST('/auth/login', { body: { email, password: lastPassword } }))).tokens.accessToken;
      await ok(end());
    }

    expect(called).toEqual(new Set(Object.keys(ROUTES)));
  }, 60_000);

  it('give the problems of the server as data', async () => {
    const api = apiWith(null);
    const missing = await api.GET('/courses/{courseId}', { params: { path: { courseId: 'none' } } });
    expect(missing.error).toMatchObject({ code: 'not-found', status: 404 });
    const invalid = await api.GET('/courses', { params: { query: { limit: 1000 } } });
    expect(invalid.error?.errors).toEqual([{ in: 'query', pointer: '/limit', message: 'must be <= 100' }]);
    expect((await api.GET('/progress')).error?.code).toBe('missing-token');
    const wrong = await api.POST('/auth/login', { body: { email: 'nobody@example.com', password } });
    expect(wrong.error?.code).toBe('invalid-credentials');
  });

  it('renew a token that the server refuses, through the gateway’s authorizer too', async () => {
    const body = { email: 'eve@example.com', password, name: 'Eve' };
    const { tokens } = await ok(apiWith(null).POST('/auth/register', { body }));
    const api = apiWith(async (renewed) => (renewed ? tokens.accessToken : 'no-token'));
    expect(await ok(api.GET('/auth/me'))).toMatchObject({ email: 'eve@example.com' });
    expect(await ok(api.GET('/courses/{courseId}/lessons/{lessonId}', { params: { path: LESSON } }))).toMatchObject({
      id: 'one',
    });
  });
});
