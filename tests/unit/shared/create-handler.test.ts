import { Reply } from '../../../shared/http/answer.ts';
import { defineContract } from '../../../shared/http/contract.ts';
import { createHandler, type Principal } from '../../../shared/http/handler.ts';
import { problem } from '../../../shared/http/problem.ts';
import { apiEvent } from '../../support/functions/api-event.ts';
import { useLogs } from '../../support/jest/logs.ts';

const name = { type: 'string', pattern: '^[a-z]+$' } as const;
const anything = { type: 'object' } as const;
const common = { operationId: 'test', summary: 'A route to test with', problems: [] } as const;

const contract = defineContract({
  'GET /cached/{name}': {
    ...common,
    auth: 'public',
    cache: { ttlSeconds: 60 },
    path: { name },
    query: { limit: { type: 'integer', minimum: 1, maximum: 9, default: 5 }, flag: { type: 'boolean' } },
    responses: { 200: anything },
  },
  'GET /uncached': { ...common, auth: 'public', query: { limit: { type: 'integer' } }, responses: { 200: anything } },
  'POST /things': {
    ...common,
    auth: 'public',
    body: {
      type: 'object',
      properties: { title: { type: 'string', maxLength: 300_000 }, count: { type: 'integer' } },
      required: ['title'],
      additionalProperties: false,
    },
    responses: { 201: anything },
  },
  'DELETE /things': { ...common, auth: 'public', responses: { 204: null } },
  'GET /texts/{name}': {
    ...common,
    auth: 'public',
    path: { name },
    headers: { 'if-none-match': { type: 'string', maxLength: 9 } },
    produces: 'application/rss+xml; charset=utf-8',
    responses: { 200: { type: 'string' }, 304: null },
  },
  'HEAD /texts/{name}': {
    ...common,
    auth: 'public',
    path: { name },
    produces: 'application/rss+xml; charset=utf-8',
    responses: { 200: { type: 'string' } },
    problems: ['not-found'],
  },
  'GET /mine': { ...common, auth: 'learner', responses: { 200: anything } },
  'GET /guarded': { ...common, auth: 'gateway', responses: { 200: anything } },
});

const ada: Principal = { userId: 'ada', sessionId: 's1', roles: ['learner'], epoch: 0 };
let behave: () => object = () => ({});

const handler = createHandler(
  contract,
  {
    'GET /cached/{name}': ({ path, query }) => ({ ...behave(), path, query }),
    'GET /uncached': ({ query }) => ({ ...behave(), query }),
    'POST /things': ({ body }) => body,
    'DELETE /things': () => undefined,
    'GET /texts/{name}': ({ headers, apiUrl }) =>
      headers['if-none-match'] === '"kept"'
        ? new Reply(304, undefined, { ETag: '"kept"' })
        : `<a href="${apiUrl}">${JSON.stringify(headers)}</a>`,
    'HEAD /texts/{name}': ({ path }) => {
      if (path.name === 'none') throw problem('not-found');
      return '<a/>';
    },
    'GET /mine': ({ principal }) => ({ principal }),
    'GET /guarded': () => ({ read: true }),
  },
  {
    authenticate: ({ headers }) => {
      if (headers['Authorization'] !== 'Bearer ada')
        throw problem('missing-token', { headers: { 'WWW-Authenticate': 'Bearer' } });
      return ada;
    },
  },
);

async function call(...[route, options]: Parameters<typeof apiEvent>) {
  const { statusCode, headers = {}, body } = await handler(apiEvent(route, options));
  return { status: statusCode, headers, body: body === '' ? undefined : (JSON.parse(body) as Record<string, unknown>) };
}

const logs = useLogs();
beforeEach(() => {
  behave = () => ({});
});

describe('parameters', () => {
  it('reach a route with the types of its schemas, and with defaults', async () => {
    const { status, body } = await call('GET /cached/{name}', { path: { name: 'ada' }, query: { flag: 'true' } });
    expect(status).toBe(200);
    expect(body).toEqual({ path: { name: 'ada' }, query: { limit: 5, flag: true } });
  });

  it.each([
    ['too large', { limit: '10' }, { in: 'query', pointer: '/limit', message: 'must be <= 9' }],
    ['of another type', { limit: 'many' }, { in: 'query', pointer: '/limit', message: 'must be integer' }],
    ['empty', { limit: '' }, { in: 'query', pointer: '/limit', message: 'must be integer' }],
  ])('are rejected with a pointer when one in the query is %s', async (_, query, violation) => {
    const { status, headers, body } = await call('GET /cached/{name}', { path: { name: 'ada' }, query });
    expect(status).toBe(400);
    expect(headers['Content-Type']).toBe('application/problem+json');
    expect(body).toMatchObject({ type: 'urn:lectern:problem:invalid-request', status: 400, code: 'invalid-request' });
    expect(body?.['errors']).toEqual([violation]);
  });

  it('are rejected when one in the path does not match its pattern', async () => {
    const { body } = await call('GET /cached/{name}', { path: { name: 'Ada!' } });
    expect(body?.['errors']).toEqual([{ in: 'path', pointer: '/name', message: 'must match pattern "^[a-z]+$"' }]);
  });

  it('are ignored on a cached route when unknown or repeated, because only cache keys may affect the answer', async () => {
    const query = { limit: ['1', '2'], utm_source: 'mail', ['__proto__']: 'x' };
    const { status, body } = await call('GET /cached/{name}', { path: { name: 'ada' }, query });
    expect(status).toBe(200);
    expect(body?.['query']).toEqual({ limit: 2 });
  });

  it('are rejected on other routes when unknown or repeated', async () => {
    const unknown = await call('GET /uncached', { query: { page: '2' } });
    expect(unknown.body?.['errors']).toEqual([{ in: 'query', pointer: '/page', message: 'is not known here' }]);
    const repeated = await call('GET /uncached', { query: { limit: ['1', '2'] } });
    expect(repeated.body?.['errors']).toEqual([{ in: 'query', pointer: '/limit', message: 'must be given once' }]);
  });
});

describe('a body', () => {
  const json = { 'content-type': 'application/json; charset=utf-8' };

  it('is accepted as JSON, plain or in base64', async () => {
    const body = '{"title":"ä"}';
    expect((await call('POST /things', { headers: json, body })).status).toBe(201);
    const encoded = Buffer.from(body).toString('base64');
    const { body: answer } = await call('POST /things', { headers: json, body: encoded, isBase64Encoded: true });
    expect(answer).toEqual({ title: 'ä' });
  });

  it.each([
    ['without a content type', {}, '{}', 415, 'unsupported-media-type'],
    ['as a form', { 'Content-Type': 'application/x-www-form-urlencoded' }, 'a=1', 415, 'unsupported-media-type'],
    ['in another charset', { 'Content-Type': 'application/json; charset=latin1' }, '{}', 415, 'unsupported-media-type'],
    ['as truncated JSON', json, '{"title":', 400, 'invalid-json'],
    ['when it is missing', json, undefined, 400, 'invalid-json'],
    ['when it is too large', json, JSON.stringify({ title: 'x'.repeat(257 * 1024) }), 413, 'payload-too-large'],
  ] as const)('is rejected: %s', async (_, headers, body, status, code) => {
    const answer = await call('POST /things', { headers, ...(body !== undefined && { body }) });
    expect(answer).toMatchObject({ status, body: { code } });
  });

  it('is rejected when it is not UTF-8', async () => {
    const body = Buffer.from([0x22, 0xff, 0x22]).toString('base64');
    const answer = await call('POST /things', { headers: json, body, isBase64Encoded: true });
    expect(answer).toMatchObject({ status: 400, body: { code: 'invalid-json' } });
  });

  it('is never coerced, and all its errors are listed', async () => {
    const body = '{"count":"3","colour":"red","__proto__":{"admin":true}}';
    const { body: answer } = await call('POST /things', { headers: json, body });
    expect(answer?.['errors']).toEqual(
      expect.arrayContaining([
        { in: 'body', pointer: '/title', message: 'is required' },
        { in: 'body', pointer: '/colour', message: 'is not known here' },
        { in: 'body', pointer: '/__proto__', message: 'is not known here' },
        { in: 'body', pointer: '/count', message: 'must be integer' },
      ]),
    );
  });
});

describe('access to a route', () => {
  it('passes the principal to the route, and rejects a request without a token', async () => {
    const known = await call('GET /mine', { headers: { Authorization: 'Bearer ada' } });
    expect(known.body).toEqual({ principal: ada });
    const unknown = await call('GET /mine');
    expect(unknown).toMatchObject({
      status: 401,
      headers: { 'WWW-Authenticate': 'Bearer' },
      body: { code: 'missing-token' },
    });
  });

  it('requires the authorizer for a route with `auth: gateway`', async () => {
    expect((await call('GET /guarded')).status).toBe(403);
    expect((await call('GET /guarded', { authorizer: { principalId: 'ada' } })).status).toBe(200);
  });

  it('cannot be configured without `authenticate` for a route with a principal', () => {
    const routes = defineContract({ 'GET /mine': { ...common, auth: 'author', responses: { 200: anything } } });
    // @ts-expect-error the type check refuses it as well
    expect(() => createHandler(routes, { 'GET /mine': () => ({}) })).toThrow('give createHandler an `authenticate`');
  });

  it('cannot be configured without a function for each route', () => {
    const routes = defineContract({ 'GET /new': { ...common, auth: 'public', responses: { 200: anything } } });
    // @ts-expect-error the type check refuses it as well
    expect(() => createHandler(routes, {})).toThrow('GET /new is in the contract but has no function');
  });
});

describe('an answer', () => {
  it('can be cached by clients only on a cached route', async () => {
    const cached = await call('GET /cached/{name}', { path: { name: 'ada' } });
    expect(cached.headers).toMatchObject({ 'Cache-Control': 'public, max-age=60', 'Access-Control-Allow-Origin': '*' });
    expect((await call('GET /uncached')).headers['Cache-Control']).toBe('no-store');
    behave = () => {
      throw problem('not-found');
    };
    const missing = await call('GET /cached/{name}', { path: { name: 'ada' } });
    expect(missing).toMatchObject({ status: 404, headers: { 'Cache-Control': 'no-store' } });
  });

  it.each([
    ['300', 300],
    ['0', 0],
    ['', 60],
  ])('can be cached by clients for as long as the deployment says: %j', async (setting, seconds) => {
    process.env['CACHE_TTL_SECONDS'] = setting;
    const { headers } = await call('GET /cached/{name}', { path: { name: 'ada' } });
    const { headers: uncached } = await call('GET /uncached');
    delete process.env['CACHE_TTL_SECONDS'];
    expect(headers['Cache-Control']).toBe(`public, max-age=${seconds}`);
    expect(uncached['Cache-Control']).toBe('no-store');
  });

  it('names an allowed origin if it is not cached, and no other origin', async () => {
    process.env['ALLOWED_ORIGINS'] = 'https://a.example,https://b.example';
    const allowed = await call('GET /uncached', { headers: { origin: 'https://b.example' } });
    expect(allowed.headers).toMatchObject({ 'Access-Control-Allow-Origin': 'https://b.example', Vary: 'Origin' });
    const other = await call('GET /uncached', { headers: { origin: 'https://evil.example' } });
    expect(other.headers).not.toHaveProperty('Access-Control-Allow-Origin');
  });

  it('has the status of the contract or of a Reply, and no body if none is declared', async () => {
    expect(await call('DELETE /things')).toMatchObject({ status: 204, body: undefined });
    behave = () => ({});
    const routes = defineContract({
      'GET /r': { ...common, auth: 'public', responses: { 200: anything, 202: anything } },
    });
    const replying = createHandler(routes, { 'GET /r': () => new Reply(202, { later: true }, { Location: '/x' }) });
    expect(await replying(apiEvent('GET /r'))).toMatchObject({ statusCode: 202, headers: { Location: '/x' } });
  });

  it('has the request id, as the log lines do', async () => {
    const { headers, body } = await call('GET /uncached', { query: { page: '1' }, requestId: 'id-1' });
    expect(headers['X-Request-Id']).toBe('id-1');
    expect(body?.['requestId']).toBe('id-1');
    expect(logs.lines()).toEqual([
      expect.objectContaining({ requestId: 'id-1', function: 'local', code: 'invalid-request' }),
    ]);
  });

  it('is not-found for a route that is not in the contract', async () => {
    expect(await call('GET /elsewhere')).toMatchObject({ status: 404, body: { code: 'not-found' } });
  });
});

describe('a failure', () => {
  const away = () => problem('unavailable', { cause: new Error('cannot reach mongodb://user:hunter2@db.internal') });

  it('is answered as internal-error without details, which are logged', async () => {
    behave = () => {
      throw new Error('secret detail');
    };
    const { status, body } = await call('GET /uncached');
    expect(status).toBe(500);
    expect(body).toEqual({
      type: 'urn:lectern:problem:internal-error',
      title: 'Internal error',
      status: 500,
      code: 'internal-error',
      requestId: expect.any(String),
    });
    expect(logs.text()).toContain('secret detail');
  });

  it('of the database is answered with 503 and Retry-After', async () => {
    behave = () => {
      throw away();
    };
    expect(await call('GET /uncached')).toMatchObject({
      status: 503,
      headers: { 'Retry-After': '2' },
      body: { code: 'unavailable' },
    });
    expect(logs.text()).not.toContain('hunter2');
  });

  it.each([
    ['the database is unavailable', away],
    ['an unexpected error', () => new Error('bug')],
  ])('throws on a cached route, so that it is never cached: %s', async (_, error) => {
    behave = () => {
      throw error();
    };
    const failing = handler(apiEvent('GET /cached/{name}', { path: { name: 'ada' } }));
    await expect(failing).rejects.toThrow(/^(unavailable|internal-error)$/);
  });
});

describe('a route that does not produce JSON', () => {
  const TEXT = 'GET /texts/{name}';
  const ask = (options: Omit<Parameters<typeof apiEvent>[1], 'path'> = {}, route = TEXT, text = 'feed') =>
    handler(apiEvent(route, { path: { name: text }, ...options }));

  it('answers with the unchanged text and its media type', async () => {
    const { statusCode, headers, body } = await ask();
    expect([statusCode, headers?.['Content-Type']]).toEqual([200, 'application/rss+xml; charset=utf-8']);
    expect(body).toContain('<a href=');
  });

  it('answers problems as any other route does', async () => {
    const { statusCode, headers } = await ask({}, TEXT, '7');
    expect([statusCode, headers?.['Content-Type']]).toEqual([400, 'application/problem+json']);
  });

  it('receives only the headers that it declares, whatever their case', async () => {
    expect((await ask({ headers: { 'IF-NONE-MATCH': 'x', Cookie: 'y' } })).body).toContain('{"if-none-match":"x"}');
    const { statusCode, headers, body } = await ask({ headers: { 'If-None-Match': '"kept"' } });
    expect([statusCode, headers?.['ETag'], body]).toEqual([304, '"kept"', '']);
  });

  it('rejects a header that does not match its schema', async () => {
    const { statusCode, body } = await ask({ headers: { 'If-None-Match': 'longer than nine' } });
    expect(statusCode).toBe(400);
    expect(JSON.parse(body).errors).toMatchObject([{ in: 'header', pointer: '/if-none-match' }]);
  });

  it('gives API Gateway the body for HEAD too, from which it takes the length, also for problems', async () => {
    const found = await ask({}, 'HEAD /texts/{name}');
    expect([found.statusCode, found.body]).toEqual([200, '<a/>']);
    expect(found.headers?.['Content-Type']).toBe('application/rss+xml; charset=utf-8');
    const missing = await ask({}, 'HEAD /texts/{name}', 'none');
    expect([missing.statusCode, JSON.parse(missing.body).code]).toEqual([404, 'not-found']);
  });
});

describe('the API URL in a route', () => {
  const address = async (change: (event: ReturnType<typeof apiEvent>) => void) => {
    const event = apiEvent('GET /texts/{name}', { path: { name: 'feed' } });
    change(event);
    const { body } = await handler(event);
    return /href="([^"]*)"/.exec(body)?.[1];
  };

  afterEach(() => {
    delete process.env['API_URL'];
  });

  it.each([
    ['the stage of API Gateway', 'abc.execute-api.eu-west-1.amazonaws.com', '/v1/texts/feed', '/v1'],
    [
      'API Gateway, when the path ends with a slash',
      'abc.execute-api.eu-west-1.amazonaws.com',
      '/v1/texts/feed/',
      '/v1',
    ],
    ['a custom domain', 'api.example.com', '/texts/feed', ''],
    ['a custom domain with a base path', 'api.example.com', '/learn/v1/texts/feed', '/learn/v1'],
  ])('is the one of %s', async (_, domainName, path, base) => {
    expect(await address((event) => Object.assign(event.requestContext, { domainName, path }))).toBe(
      `https://${domainName}${base}`,
    );
  });

  it('is http only if the gateway says so', async () => {
    const over = (proto: string) =>
      address((event) => {
        event.headers['X-Forwarded-Proto'] = proto;
        event.requestContext.domainName = '127.0.0.1:3000';
      });
    expect([await over('http'), await over('https'), await over('javascript')]).toEqual([
      'http://127.0.0.1:3000/v1',
      'https://127.0.0.1:3000/v1',
      'https://127.0.0.1:3000/v1',
    ]);
  });

  it('is API_URL if that is set', async () => {
    process.env['API_URL'] = 'https://learn.example.com/api';
    expect(await address(() => undefined)).toBe('https://learn.example.com/api');
  });
});
