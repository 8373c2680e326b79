import { type FixtureGateway, startFixtureGateway } from '../support/fixtures/gateway/fixture-gateway.ts';

describe("a function's result", () => {
  let api: FixtureGateway;
  beforeAll(async () => {
    api = await startFixtureGateway();
  });
  afterAll(() => api.gateway.close());

  function answerTo(result: unknown, headers: Record<string, string> = {}) {
    return api.send('POST /v1/result', { headers, body: JSON.stringify(result) });
  }

  it('becomes the answer', async () => {
    const { status, headers, body } = await answerTo({
      statusCode: 201,
      headers: { 'Content-Type': 'text/plain' },
      body: 'grüß',
    });
    expect([status, body]).toEqual([201, 'grüß']);
    expect(headers).toMatchObject({ 'content-type': 'text/plain', 'content-length': '6' });
  });

  it('is JSON by default', async () => {
    expect((await answerTo({ statusCode: 200 })).headers['content-type']).toBe('application/json');
  });

  it('may have its status as text, or no status beside other fields', async () => {
    expect((await answerTo({ statusCode: '202' })).status).toBe(202);
    expect((await answerTo({ body: 'x' })).status).toBe(200);
  });

  it('may have no body, as with 204', async () => {
    const { status, headers, body } = await answerTo({ statusCode: 204, body: null, headers: null });
    expect([status, body, headers['content-length']]).toEqual([204, '', undefined]);
  });

  it('may be 304, which has no body but a Content-Type', async () => {
    const etag = '"abc"';
    const { status, headers, body } = await answerTo({ statusCode: 304, headers: { ETag: etag } });
    expect([status, headers['etag'], body, headers['content-length']]).toEqual([304, etag, '', undefined]);
    expect(headers['content-type']).toBe('application/json');
  });

  it('may redirect, with the Location unchanged', async () => {
    const location = 'https://media.example.com/a.mp3?Expires=1&Signature=a~b-c_d__';
    const { status, headers } = await answerTo({ statusCode: 302, headers: { Location: location } });
    expect([status, headers['location']]).toEqual([302, location]);
  });

  it('loses its body on HEAD, but no headers', async () => {
    const { status, headers, body } = await api.send('HEAD /v1/any');
    expect([status, headers['content-type'], body]).toEqual([200, 'application/json', '']);
    expect(Number(headers['content-length'])).toBeGreaterThan(0);
  });

  it('has the values of both header maps', async () => {
    const { headers } = await answerTo({
      headers: { 'x-one': '1', 'set-cookie': 'c=3', 'X-Flag': true, 'X-Number': 4 },
      multiValueHeaders: { 'Set-Cookie': ['a=1', 'b=2'] },
    });
    expect(headers).toMatchObject({
      'x-one': '1',
      'set-cookie': ['a=1', 'b=2', 'c=3'],
      'x-flag': 'true',
      'x-number': '4',
    });
  });

  it('loses headers that API Gateway renames or drops', async () => {
    const { headers } = await answerTo({
      headers: { 'WWW-Authenticate': 'Bearer', Connection: 'x', 'Transfer-Encoding': 'y' },
    });
    expect(headers).toMatchObject({ 'x-amzn-remapped-www-authenticate': 'Bearer', 'x-amzn-remapped-connection': 'x' });
    expect(headers).not.toHaveProperty('www-authenticate');
    expect(headers).not.toHaveProperty('transfer-encoding');
  });

  it('is decoded from base64 only for a client that accepts a binary media type', async () => {
    const result = { statusCode: 200, isBase64Encoded: true, body: 'aGVsbG8=' };
    expect((await answerTo(result, { Accept: 'image/png' })).body).toBe('hello');
    expect((await answerTo(result)).body).toBe('aGVsbG8=');
  });

  it.each<[string, unknown]>([
    ['null', null],
    ['text', 'done'],
    ['a list', []],
    ['an empty object', {}],
    ['an unknown field', { statusCode: 200, status: 200 }],
    ['a status that is not a number', { statusCode: 'fine' }],
    ['a status out of range', { statusCode: 99 }],
    ['a status with a fraction', { statusCode: 200.5 }],
    ['a body that is an object', { statusCode: 200, body: { id: 1 } }],
    ['a header that is an object', { statusCode: 200, headers: { a: {} } }],
    ['an invalid header name', { statusCode: 200, headers: { 'a b': '1' } }],
    ['a header with a line break', { statusCode: 200, headers: { a: '1\r\nb: 2' } }],
    ['headers that are text', { statusCode: 200, headers: 'a: 1' }],
    ['multi-value headers that are not lists', { statusCode: 200, multiValueHeaders: { a: '1' } }],
    ['a flag that is not a boolean', { statusCode: 200, isBase64Encoded: 'yes' }],
  ])('is malformed with %s', async (_, result) => {
    const { status, body } = await answerTo(result);
    expect([status, body]).toEqual([502, '{"code":"bad-gateway"}']);
  });

  it('is malformed if it is absent', async () => {
    expect((await api.send('POST /v1/result')).status).toBe(502);
  });
});
