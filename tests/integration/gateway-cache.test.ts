import {
  type FixtureGateway,
  type Received,
  startFixtureGateway,
} from '../support/fixtures/gateway/fixture-gateway.ts';

describe('the stage cache of the gateway', () => {
  let api: FixtureGateway;
  beforeAll(async () => {
    api = await startFixtureGateway();
  });
  beforeEach(() => api.gateway.flushCache());
  afterAll(() => api.gateway.close());

  const cacheOf = ({ headers }: Received) => headers['x-cache'];

  it('answers a repeated request without the function', async () => {
    const first = await api.send('GET /v1/cached/a');
    const second = await api.send('GET /v1/cached/a');
    expect([cacheOf(first), cacheOf(second)]).toEqual(['miss', 'hit']);
    expect(second.headers['x-invocation']).toBe(first.headers['x-invocation']);
    expect(second.headers['set-thing']).toBe('a, b');
    expect(second.headers['x-amzn-requestid']).not.toBe(first.headers['x-amzn-requestid']);
  });

  it.each([
    ['a path parameter', 'GET /v1/cached/b', {}],
    ['a query parameter', 'GET /v1/cached/a?q=1', {}],
    ['an empty query parameter', 'GET /v1/cached/a?q=', {}],
    ['a header', 'GET /v1/cached/a', { 'x-tenant': 'one' }],
  ])('distinguishes answers by %s that is a cache key', async (_, route, headers) => {
    await api.send('GET /v1/cached/a');
    expect(cacheOf(await api.send(route, { headers }))).toBe('miss');
    expect(cacheOf(await api.send(route, { headers }))).toBe('hit');
  });

  it('ignores everything but the cache keys', async () => {
    await api.send('GET /v1/cached/a?q=1');
    const other = await api.send('GET /v1/cached/a?other=2&q=1', {
      headers: { Authorization: 'Bearer x', Cookie: 'c=1' },
    });
    expect(cacheOf(other)).toBe('hit');
  });

  it('uses the last value of a repeated parameter as the key', async () => {
    await api.send('GET /v1/cached/a?q=1&q=2');
    expect(cacheOf(await api.send('GET /v1/cached/a?q=2'))).toBe('hit');
    expect(cacheOf(await api.send('GET /v1/cached/a?q=1'))).toBe('miss');
  });

  it('has one answer for a route without keys', async () => {
    await api.send('GET /v1/cached-whole?a=1');
    expect(cacheOf(await api.send('GET /v1/cached-whole?a=2'))).toBe('hit');
  });

  it('caches an answer for the TTL of its method', async () => {
    await api.send('GET /v1/cached-whole');
    await api.send('GET /v1/cached/a');
    api.passSeconds(4.999);
    expect(cacheOf(await api.send('GET /v1/cached-whole'))).toBe('hit');
    api.passSeconds(0.001);
    expect(cacheOf(await api.send('GET /v1/cached-whole'))).toBe('miss');
    expect(cacheOf(await api.send('GET /v1/cached/a'))).toBe('hit');
  });

  it('caches a returned answer of any status', async () => {
    await api.send('GET /v1/cached/gone?status=404');
    expect(await api.send('GET /v1/cached/gone')).toMatchObject({ status: 404, headers: { 'x-cache': 'hit' } });
  });

  it('does not cache a failure', async () => {
    const failure = await api.send('GET /v1/cached-fault');
    expect([failure.status, cacheOf(failure)]).toEqual([503, undefined]);
    expect((await api.send('GET /v1/cached-fault')).body).toBe('recovered');
  });

  it('does not cache an answer larger than 1 MiB', async () => {
    await api.send('GET /v1/cached/large?bytes=1048577');
    expect(cacheOf(await api.send('GET /v1/cached/large?bytes=1048577'))).toBe('miss');
  });

  it('caches only GET, and only where the template enables it', async () => {
    expect(cacheOf(await api.send('POST /v1/cached/a'))).toBeUndefined();
    expect(cacheOf(await api.send('GET /v1/uncached'))).toBeUndefined();
    const [first, second] = [await api.send('GET /v1/uncached'), await api.send('GET /v1/uncached')];
    expect(second.headers['x-invocation']).not.toBe(first.headers['x-invocation']);
  });

  it('ignores a request to invalidate the cache, and warns the client', async () => {
    await api.send('GET /v1/cached/a');
    const answer = await api.send('GET /v1/cached/a', { headers: { 'Cache-Control': 'max-age=0' } });
    expect(cacheOf(answer)).toBe('hit');
    expect(answer.headers['warning']).toBe(
      '199 Cache-control headers were ignored because the caller was unauthorized.',
    );
  });

  it('can be flushed', async () => {
    await api.send('GET /v1/cached/a');
    api.gateway.flushCache();
    expect(cacheOf(await api.send('GET /v1/cached/a'))).toBe('miss');
  });

  it('can be disabled', async () => {
    const uncached = await startFixtureGateway({ cache: false });
    const first = await uncached.send('GET /v1/cached/a');
    const second = await uncached.send('GET /v1/cached/a');
    await uncached.gateway.close();
    expect([cacheOf(first), cacheOf(second)]).toEqual([undefined, undefined]);
    expect(second.headers['x-invocation']).toBe('2');
  });
});
