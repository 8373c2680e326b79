import { type FixtureGateway, startFixtureGateway } from '../support/fixtures/gateway/fixture-gateway.ts';

describe('the event of a function', () => {
  let api: FixtureGateway;
  beforeAll(async () => {
    api = await startFixtureGateway();
  });
  afterAll(() => api.gateway.close());

  async function eventOf(...request: Parameters<FixtureGateway['send']>) {
    return JSON.parse((await api.send(...request)).body);
  }

  it('has null for absent values', async () => {
    expect(await eventOf('GET /v1/echo')).toMatchObject({
      resource: '/echo',
      path: '/echo',
      httpMethod: 'GET',
      queryStringParameters: null,
      multiValueQueryStringParameters: null,
      pathParameters: null,
      stageVariables: null,
      body: null,
      isBase64Encoded: false,
    });
  });

  it('leaves the path and its parameters percent-encoded', async () => {
    expect(await eventOf('GET /v1/items/a%2Fb+c%20%C3%A9')).toMatchObject({
      path: '/items/a%2Fb+c%20%C3%A9',
      pathParameters: { itemId: 'a%2Fb+c%20%C3%A9' },
    });
  });

  it('has a trailing slash in the path, but not in the parameter', async () => {
    expect(await eventOf('GET /v1/files/a//b/')).toMatchObject({
      path: '/files/a//b/',
      pathParameters: { proxy: 'a//b' },
      requestContext: { path: '/v1/files/a//b/' },
    });
  });

  it('has doubled slashes after the stage only in the path of the request context', async () => {
    expect(await eventOf('GET //v1//echo')).toMatchObject({ path: '/echo', requestContext: { path: '/v1//echo' } });
  });

  it('has the decoded query, with a plus sign as a space', async () => {
    const { queryStringParameters } = await eventOf(
      'GET /v1/echo?a=b%2Bc&plus=d+e&url=https://x.example/?q&%C3%A9=%C3%BC&bad=%FF',
    );
    expect(queryStringParameters).toEqual({
      a: 'b+c',
      plus: 'd e',
      url: 'https://x.example/?q',
      é: 'ü',
      bad: '\uFFFD',
    });
  });

  it('has the last value of repeated parameters, and all of them in the multi-value map', async () => {
    expect(await eventOf('GET /v1/echo?a=1&b=x&a=2')).toMatchObject({
      queryStringParameters: { a: '2', b: 'x' },
      multiValueQueryStringParameters: { a: ['1', '2'], b: ['x'] },
    });
  });

  it('has an empty text for a parameter without a value, and splits the query at semicolons too', async () => {
    const { queryStringParameters } = await eventOf('GET /v1/echo?a=&b&&c=1;d=2');
    expect(queryStringParameters).toEqual({ a: '', b: '', c: '1', d: '2' });
  });

  it('treats names such as __proto__ like any parameter or header', async () => {
    const event = await api.send('GET /v1/echo?__proto__=1', { headers: { constructor: '2' } });
    expect(event.body).toContain('"queryStringParameters":{"__proto__":"1"}');
    expect(event.body).toContain('"constructor":"2"');
  });

  it('keeps the case of all header names but two, and has every value of repeated headers', async () => {
    const { headers, multiValueHeaders } = await eventOf('GET /v1/echo', {
      headers: {
        'x-tHiNg': ['1', '2'],
        aUThorization: 'Bearer x',
        'user-agent': 'tests',
        'x-forwarded-for': '192.0.2.1',
      },
    });
    expect(headers).toMatchObject({
      'x-tHiNg': '2',
      Authorization: 'Bearer x',
      'User-Agent': 'tests',
      'X-Forwarded-For': '192.0.2.1, 127.0.0.1',
      'X-Forwarded-Proto': 'http',
      'X-Forwarded-Port': String(api.gateway.port),
      'X-Amzn-Trace-Id': expect.stringMatching(/^Root=1-[\da-f]{8}-[\da-f]{24}$/),
    });
    expect(multiValueHeaders['x-tHiNg']).toEqual(['1', '2']);
    expect(Object.keys(headers)).not.toContain('connection');
  });

  it('has the request context', async () => {
    const { headers, body } = await api.send('GET /v1/items/7', { headers: { 'User-Agent': 'tests' } });
    const { requestContext } = JSON.parse(body);
    expect(requestContext).toMatchObject({
      accountId: '000000000000',
      apiId: 'local',
      domainName: `127.0.0.1:${api.gateway.port}`,
      extendedRequestId: headers['x-amz-apigw-id'],
      httpMethod: 'GET',
      identity: { sourceIp: '127.0.0.1', userAgent: 'tests', user: null },
      path: '/v1/items/7',
      protocol: 'HTTP/1.1',
      requestId: headers['x-amzn-requestid'],
      requestTime: '09/Apr/2026:12:34:56 +0000',
      requestTimeEpoch: Date.parse('2026-04-09T12:34:56.789Z'),
      resourceId: expect.stringMatching(/^\w{6}$/),
      resourcePath: '/items/{itemId}',
      stage: 'v1',
    });
    expect(requestContext.requestId).toMatch(/^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/);
  });

  it('has the body as text, even if it is not UTF-8', async () => {
    expect(await eventOf('POST /v1/echo', { body: 'grüß' })).toMatchObject({ body: 'grüß', isBase64Encoded: false });
    expect(await eventOf('POST /v1/echo', { body: Buffer.from([0x61, 0xff]) })).toMatchObject({ body: 'a\uFFFD' });
  });

  it('has the body in base64 for a binary media type', async () => {
    const event = await eventOf('POST /v1/echo', {
      headers: { 'Content-Type': 'image/png' },
      body: Buffer.from([0xff]),
    });
    expect(event).toMatchObject({ body: '/w==', isBase64Encoded: true });
  });
});
