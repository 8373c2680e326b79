import { type FixtureGateway, startFixtureGateway } from '../support/fixtures/gateway/fixture-gateway.ts';

describe('routing', () => {
  let api: FixtureGateway;
  beforeAll(async () => {
    api = await startFixtureGateway();
  });
  afterAll(() => api.gateway.close());

  async function resourceOf(route: string): Promise<string> {
    const { status, body } = await api.send(route);
    return status === 200 ? JSON.parse(body).resource : `${status}`;
  }

  it.each([
    ['finds a resource by its path', 'GET /v1/echo', '/echo'],
    ['finds the root of the stage', 'GET /v1/', '/'],
    ['finds a resource with a parameter', 'GET /v1/items/7', '/items/{itemId}'],
    ['prefers a fixed segment to a parameter', 'GET /v1/items/special', '/items/special'],
    [
      'falls back to the parameter if the fixed segment leads nowhere',
      'GET /v1/items/special/parts/1',
      '/items/{itemId}/parts/{partId}',
    ],
    ['falls back to the parameter if the fixed segment lacks the method', 'PUT /v1/items/special', '/items/{itemId}'],
    ['passes all further segments to a greedy parameter', 'GET /v1/files/a/b/c', '/files/{proxy+}'],
    ['ignores a trailing slash', 'GET /v1/items/7/', '/items/{itemId}'],
    ['ignores doubled leading slashes', 'GET //v1//echo', '/echo'],
    ['accepts every method of ANY', 'PATCH /v1/any', '/any'],
    ['accepts an absolute URL as the target', 'GET http://elsewhere.example/v1/echo', '/echo'],
  ])('%s', async (_, route, resource) => {
    expect(await resourceOf(route)).toBe(resource);
  });

  it.each([
    ['an unknown path', 'GET /v1/nowhere'],
    ['an unknown method', 'DELETE /v1/echo'],
    ['HEAD, which is not GET', 'HEAD /v1/echo'],
    ['a method that ANY does not include', 'PROPFIND /v1/any'],
    ['an empty parameter', 'GET /v1/items//parts/1'],
    ['a greedy parameter without a value', 'GET /v1/files'],
    ['a path in a different case', 'GET /v1/Echo'],
    ['a path outside of the stage', 'GET /echo'],
    ['a stage with the same prefix', 'GET /v12/echo'],
    ['a path above the stage', 'GET /v1/../echo'],
  ])('answers %s as not found', async (_, route) => {
    expect(await resourceOf(route)).toBe('404');
  });

  it('answers an unknown path with a bearer token with a malformed signature, as API Gateway does', async () => {
    const { status, headers } = await api.send('GET /v1/nowhere', { headers: { Authorization: 'Bearer x' } });
    expect([status, headers['x-amzn-errortype']]).toEqual([403, 'InvalidSignatureException']);
  });

  it.each(['GET /v1/items/%zz', 'GET /v1/items/%', 'GET /v1/echo?a=%4', 'GET /v1/echo?%%=1'])(
    'answers 400 to the malformed percent-encoding in %s',
    async (route) => {
      const { status, body } = await api.send(route);
      expect([status, JSON.parse(body)]).toEqual([400, { message: 'Bad Request' }]);
    },
  );
});

describe('a gateway response', () => {
  let api: FixtureGateway;
  beforeAll(async () => {
    api = await startFixtureGateway();
  });
  afterAll(() => api.gateway.close());

  it('has the status, headers and body of the template', async () => {
    const { status, headers, body } = await api.send('GET /v1/nowhere?wanted=tea');
    expect(status).toBe(404);
    expect(headers).toMatchObject({ 'content-type': 'application/problem+json', 'x-asked-for': 'tea' });
    expect(JSON.parse(body)).toEqual({
      code: 'not-found',
      message: 'Missing Authentication Token',
      requestId: headers['x-request-id'],
      type: 'MISSING_AUTHENTICATION_TOKEN',
    });
    expect(headers['x-request-id']).toBe(headers['x-amzn-requestid']);
  });

  it('omits a header if the client gave it an invalid value', async () => {
    const { status, headers } = await api.send('GET /v1/nowhere?wanted=a%0D%0AInjected:%201');
    expect(status).toBe(404);
    expect(headers).not.toHaveProperty('x-asked-for');
    expect(headers).not.toHaveProperty('injected');
  });

  it('falls back to the default for its status class', async () => {
    const { status, headers, body } = await api.send('POST /v1/faults/throws');
    expect([status, headers['retry-after']]).toEqual([503, '2']);
    expect(JSON.parse(body)).toEqual({ code: 'unavailable', requestId: headers['x-amzn-requestid'] });
  });
});

describe('a preflight request', () => {
  let api: FixtureGateway;
  beforeAll(async () => {
    api = await startFixtureGateway();
  });
  afterAll(() => api.gateway.close());

  it('is answered from the CORS settings, without the function', async () => {
    const { status, headers } = await api.send('OPTIONS /v1/items/7');
    expect(status).toBe(200);
    expect(headers).toMatchObject({
      'access-control-allow-origin': 'https://app.example.com',
      'access-control-allow-methods': 'GET,OPTIONS,PUT',
      'access-control-allow-headers': 'Content-Type',
      'access-control-max-age': '600',
    });
    expect(headers).not.toHaveProperty('access-control-allow-credentials');
  });

  it('takes precedence over a function for every method', async () => {
    expect((await api.send('OPTIONS /v1/any')).headers).toHaveProperty('access-control-allow-origin');
  });

  it('is not found at an unknown path', async () => {
    expect((await api.send('OPTIONS /v1/nowhere')).status).toBe(404);
  });
});
