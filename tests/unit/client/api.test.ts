import { randomUUID } from 'node:crypto';
import {
  type Api,
  type ApiOptions,
  type Course,
  createApi,
  type Fetch,
  RequestFailed,
} from '../../../client/src/api.ts';
import { PROBLEMS, type ProblemCode } from '../../../shared/http/problem.ts';

const COURSE = { path: { courseId: 'birds' } };
const CATALOG = { items: [], nextCursor: null };

interface Sent {
  readonly url: string;
  readonly init: RequestInit;
}

type Reply = Response | Error | ((sent: Sent) => Response | Promise<Response>);

/** An API whose network gives these replies in turn, the last one for ever, and which waits no time. */
function apiWith(replies: readonly Reply[], options: Partial<ApiOptions> = {}) {
  const sent: Sent[] = [];
  const waits: number[] = [];
  const send: Fetch = async (url, init) => {
    const reply = replies[Math.min(sent.length, replies.length - 1)];
    sent.push({ url, init });
    if (reply instanceof Error) throw reply;
    if (typeof reply === 'function') return reply({ url, init });
    return (reply as Response).clone();
  };
  const wait = async (ms: number) => waits.push(ms);
  const api = createApi({ baseUrl: 'https://lectern.test/v1', fetch: send, wait, ...options });
  return { api, sent, waits };
}

function json(body: unknown, status = 200): Response {
  return new Response(JSON.stringify(body), { status });
}

function problem(code: ProblemCode, headers: Record<string, string> = {}): Response {
  const { status, title } = PROBLEMS[code];
  const body = { type: `urn:lectern:problem:${code}`, title, status, code, requestId: randomUUID() };
  return new Response(JSON.stringify(body), {
    status,
    headers: { 'Content-Type': 'application/problem+json', ...headers },
  });
}

const portal = () => new Response('<html>Welcome to our hotel</html>', { status: 200 });
const noNetwork = () => new TypeError('Failed to fetch');
const headersOf = ({ init }: Sent) => new Headers(init.headers);

const event = () => ({ eventId: randomUUID(), occurredAt: new Date().toISOString(), completed: true });
const recordEvent = (api: Api) =>
  api.PUT('/progress/{courseId}/lessons/{lessonId}', {
    params: { path: { courseId: 'birds', lessonId: 'dawn' } },
    body: event(),
  });

describe('a call', () => {
  it('sends the parameters of the path and of the query', async () => {
    const { api, sent } = apiWith([json(CATALOG)]);
    await api.GET('/courses', { params: { query: { q: 'söng & dance', limit: 5, language: undefined } as object } });
    expect(sent[0]?.url).toBe('https://lectern.test/v1/courses?q=s%C3%B6ng%20%26%20dance&limit=5');
  });

  it('sends the body as JSON', async () => {
    const { api, sent } = apiWith([json({ user: {}, tokens: {} })]);
    await api.POST('/auth/login', { body: { email: 'ada@example.com', password: 'seven swans' } });
    expect(sent[0]?.init).toMatchObject({
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: '{"email":"ada@example.com","password":"seven swans"}',
    });
  });

  it.each(['', '.', '..', undefined])('refuses %j in a path, which would lead to another route', async (courseId) => {
    const { api, sent } = apiWith([json({})]);
    const path = { courseId: courseId as string };
    await expect(api.GET('/courses/{courseId}', { params: { path } })).rejects.toThrow(TypeError);
    expect(sent).toEqual([]);
  });

  it('escapes what would end a part of the path', async () => {
    const { api, sent } = apiWith([json({ id: 'x', title: 'X' })]);
    await api.GET('/courses/{courseId}', { params: { path: { courseId: '../auth/me?x#y' } } });
    expect(sent[0]?.url).toBe('https://lectern.test/v1/courses/..%2Fauth%2Fme%3Fx%23y');
  });

  it('refuses a route that does not exist', async () => {
    const { api } = apiWith([json({})]);
    // @ts-expect-error: there is no such path
    await expect(api.GET('/coarses')).rejects.toThrow(TypeError);
    // @ts-expect-error: nothing can be deleted there
    await expect(api.DELETE('/courses')).rejects.toThrow(TypeError);
  });

  it('has the types of the route', async () => {
    const { api } = apiWith([json({ id: 'birds', title: 'Birds' })]);
    // @ts-expect-error: the path has a parameter
    await expect(api.GET('/courses/{courseId}')).rejects.toThrow(TypeError);
    // @ts-expect-error: the parameter has another name
    await expect(api.GET('/courses/{courseId}', { params: { path: { id: 'birds' } } })).rejects.toThrow(TypeError);

    const { data, error } = await api.GET('/courses/{courseId}', { params: COURSE });
    if (error !== undefined) throw new Error(error.code satisfies ProblemCode);
    expect((data satisfies Course).title satisfies string).toBe('Birds');
    // @ts-expect-error: a course has no such member
    expect(data.name).toBeUndefined();
  });

  it('takes a base URL with a slash at its end', async () => {
    const { api, sent } = apiWith([json(CATALOG)], { baseUrl: 'https://lectern.test/v1/' });
    await api.GET('/courses');
    expect(sent[0]?.url).toBe('https://lectern.test/v1/courses');
  });
});

describe('the result', () => {
  it('is the body of a success', async () => {
    const { api } = apiWith([json(CATALOG)]);
    await expect(api.GET('/courses')).resolves.toMatchObject({ data: CATALOG, response: { status: 200 } });
  });

  it('is undefined for a success without a body', async () => {
    const { api } = apiWith([new Response(null, { status: 204 })], { accessToken: async () => 'token' });
    const result = await api.POST('/auth/logout');
    expect([result.data, result.error, result.response.status]).toEqual([undefined, undefined, 204]);
  });

  it('is the problem if the server refuses', async () => {
    const { api } = apiWith([problem('not-found')]);
    const { data, error } = await api.GET('/courses/{courseId}', { params: COURSE });
    expect([data, error?.code]).toEqual([undefined, 'not-found']);
  });

  it.each([
    ['a page with status 200', portal],
    ['a page with status 404', () => new Response('<html>', { status: 404 })],
    ['JSON of something else', () => json({ success: true })],
    ['a list', () => json([])],
    ['null', () => json(null)],
    ['a problem of something else', () => json({ type: 'about:blank', status: 404, code: 'not-found' }, 404)],
    ['a problem whose status differs', () => new Response(problem('not-found').body, { status: 200 })],
    ['a success of another status', () => json(CATALOG, 201)],
    ['an empty answer', () => new Response(null, { status: 204 })],
  ])('is never %s', async (_, answer) => {
    const { api } = apiWith([answer]);
    await expect(api.GET('/courses')).rejects.toBeInstanceOf(RequestFailed);
  });

  it('is never a page in place of a success without a body', async () => {
    const { api } = apiWith([portal]);
    await expect(api.POST('/auth/logout')).rejects.toBeInstanceOf(RequestFailed);
  });
});

describe('the access token', () => {
  it('goes with routes that take one, and with no others', async () => {
    const { api, sent } = apiWith([json(CATALOG), json({ items: [], cursor: 'c' })], {
      accessToken: async () => 'token',
    });
    await api.GET('/courses');
    await api.GET('/progress');
    expect(sent.map((request) => headersOf(request).get('Authorization'))).toEqual([null, 'Bearer token']);
  });

  it.each([undefined, null])('is not sent if there is none (%p)', async (accessToken) => {
    const { api, sent } = apiWith([problem('missing-token')], { ...(accessToken === null && { accessToken }) });
    const { error } = await api.GET('/progress');
    expect([error?.code, sent.length]).toEqual(['missing-token', 1]);
  });

  it('is renewed once if the server refuses it, also for a request that is unsafe to repeat', async () => {
    const asked: unknown[][] = [];
    const { api, sent } = apiWith([problem('token-expired'), json({ url: 'https://lectern.test/feed' })], {
      accessToken: async (...given) => {
        asked.push(given);
        return given[0] ? 'new' : 'old';
      },
    });
    const { data } = await api.POST('/courses/{courseId}/feed', { params: COURSE });
    expect(data).toEqual({ url: 'https://lectern.test/feed' });
    expect(asked).toEqual([[false], [true, 'old']]);
    expect(sent.map((request) => headersOf(request).get('Authorization'))).toEqual(['Bearer old', 'Bearer new']);
  });

  it('is not renewed again if the server refuses the new one too', async () => {
    const { api, sent } = apiWith([problem('invalid-token')], { accessToken: async () => 'token' });
    const { error } = await api.GET('/progress');
    expect([error?.code, sent.length]).toEqual(['invalid-token', 2]);
  });

  it('is not renewed because of a wrong password', async () => {
    const { api, sent } = apiWith([problem('invalid-credentials')], { accessToken: async () => 'token' });
    const { error } = await api.DELETE('/auth/me', { body: { password: 'wrong' } });
    expect([error?.code, sent.length]).toEqual(['invalid-credentials', 1]);
  });

  it('is not renewed because a proxy answers 401', async () => {
    const renewals: boolean[] = [];
    const { api } = apiWith([() => new Response('Sign in to the proxy', { status: 401 })], {
      accessToken: async (renewed) => {
        renewals.push(renewed);
        return 'token';
      },
    });
    await expect(api.GET('/progress')).rejects.toBeInstanceOf(RequestFailed);
    expect(renewals).not.toContain(true);
  });

  it('that cannot be had fails the call with the reason', async () => {
    const signedOut = Object.assign(new Error('Signed out'), { name: 'SignedOut' });
    const { api, sent } = apiWith([json({})], { accessToken: () => Promise.reject(signedOut) });
    await expect(api.GET('/progress')).rejects.toBe(signedOut);
    expect(sent).toEqual([]);
  });
});

describe('a failure', () => {
  it.each<readonly [string, () => Reply]>([
    ['no network', noNetwork],
    ['a page', () => portal()],
    ['429', () => problem('too-many-requests')],
    ['502', () => problem('bad-gateway')],
    ['503', () => problem('unavailable')],
    ['504', () => problem('gateway-timeout')],
  ])('that may pass (%s) is tried again', async (_, failure) => {
    const { api, sent } = apiWith([failure(), failure(), json(CATALOG)]);
    await expect(api.GET('/courses')).resolves.toMatchObject({ data: CATALOG });
    expect(sent).toHaveLength(3);
  });

  it('is given to the app after three attempts', async () => {
    const { api, sent } = apiWith([noNetwork()]);
    await expect(api.GET('/courses')).rejects.toMatchObject({ name: 'RequestFailed', cause: noNetwork() });
    expect(sent).toHaveLength(3);

    const { api: limited } = apiWith([problem('unavailable')], { attempts: 1 });
    await expect(limited.GET('/courses')).resolves.toMatchObject({ error: { code: 'unavailable' } });
  });

  it('that repeating does not mend is not tried again', async () => {
    const { api, sent } = apiWith([problem('internal-error')]);
    await expect(api.GET('/courses')).resolves.toMatchObject({ error: { code: 'internal-error' } });
    expect(sent).toHaveLength(1);
  });

  it('waits longer each time, and at least as long as the server asks', async () => {
    const { api, waits } = apiWith([noNetwork()], { attempts: 4 });
    await expect(api.GET('/courses')).rejects.toThrow(RequestFailed);
    const ranges = [500, 1000, 2000].map((least) => [least, 2 * least] as const);
    expect(waits).toHaveLength(ranges.length);
    for (const [index, [least, most]] of ranges.entries()) {
      expect(waits[index]).toBeGreaterThanOrEqual(least);
      expect(waits[index]).toBeLessThanOrEqual(most);
    }

    const asked = apiWith([problem('unavailable', { 'Retry-After': '7' }), json(CATALOG)]);
    await asked.api.GET('/courses');
    expect(asked.waits[0]).toBeGreaterThanOrEqual(7000);
  });

  it('is given to the app at once if the server asks for a long wait', async () => {
    const { api, waits } = apiWith([problem('too-many-requests', { 'Retry-After': '60' })]);
    const { error, response } = await api.GET('/courses');
    expect([error?.code, response.retryAfterMs, waits]).toEqual(['too-many-requests', 60_000, []]);
  });

  it('of a request that is unsafe to repeat is given to the app at once', async () => {
    const { api, sent } = apiWith([noNetwork()]);
    await expect(api.PATCH('/auth/me', { body: { name: 'Ada' } })).rejects.toThrow(RequestFailed);
    await expect(api.POST('/courses/{courseId}/feed', { params: COURSE })).rejects.toThrow(RequestFailed);
    const login = { email: 'ada@example.com', password: 'seven swans' };
    await expect(api.POST('/auth/login', { body: login })).rejects.toThrow(RequestFailed);
    expect(sent).toHaveLength(3);
  });

  it.each<readonly [string, (api: Api) => Promise<unknown>]>([
    ['event', recordEvent],
    ['batch', (api) => api.POST('/progress/sync', { body: { sentAt: '2026-11-02T09:30:00Z', events: [] } })],
    ['refresh', (api) => api.POST('/auth/refresh', { body: { refreshToken: 'r', attemptId: randomUUID() } })],
  ])('of a request that the server recognizes (%s) is tried again with the same body', async (_, call) => {
    const { api, sent } = apiWith([noNetwork(), problem('unavailable'), problem('forbidden')]);
    await expect(call(api)).resolves.toMatchObject({ error: { code: 'forbidden' } });
    expect(new Set(sent.map(({ init }) => init.body)).size).toBe(1);
    expect(sent).toHaveLength(3);
  });
});

describe('a call that nothing answers', () => {
  beforeEach(() => {
    jest.useFakeTimers();
  });

  afterEach(() => {
    jest.useRealTimers();
  });

  it('fails after the time limit, whatever never settles', async () => {
    const never = () => new Promise<never>(() => undefined);
    const endless = () => {
      const body = new ReadableStream({ start: (controller) => controller.enqueue(new TextEncoder().encode('{')) });
      return new Response(body);
    };
    const failures = [
      apiWith([never], { attempts: 1 }).api.GET('/courses'),
      apiWith([endless], { attempts: 1 }).api.GET('/courses'),
      apiWith([json({})], { attempts: 1, accessToken: never }).api.GET('/progress'),
    ].map((call) => expect(call).rejects.toBeInstanceOf(RequestFailed));
    await jest.advanceTimersByTimeAsync(30_000);
    await Promise.all(failures);
  });

  it('ends at once when the app aborts it, and its request too', async () => {
    const controller = new AbortController();
    const { api, sent } = apiWith([() => new Promise<never>(() => undefined)]);
    const call = expect(api.GET('/courses', { signal: controller.signal })).rejects.toMatchObject({
      name: 'AbortError',
    });
    await jest.advanceTimersByTimeAsync(1);
    controller.abort();
    await call;
    expect(sent[0]?.init.signal?.aborted).toBe(true);
    await jest.advanceTimersByTimeAsync(60_000);
    expect(sent).toHaveLength(1);
  });

  it('sends nothing if the app has aborted it before', async () => {
    const { api, sent } = apiWith([json(CATALOG)]);
    await expect(api.GET('/courses', { signal: AbortSignal.abort() })).rejects.toMatchObject({ name: 'AbortError' });
    expect(sent).toEqual([]);
  });

  it('sends nothing more if the app aborts it between two attempts', async () => {
    const controller = new AbortController();
    const { api, sent } = apiWith([noNetwork()], { wait: () => new Promise(() => undefined) });
    const call = expect(api.GET('/courses', { signal: controller.signal })).rejects.toMatchObject({
      name: 'AbortError',
    });
    await jest.advanceTimersByTimeAsync(1);
    controller.abort();
    await call;
    expect(sent).toHaveLength(1);
  });
});
