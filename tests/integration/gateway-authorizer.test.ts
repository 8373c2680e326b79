import {
  type FixtureGateway,
  type Received,
  startFixtureGateway,
} from '../support/fixtures/gateway/fixture-gateway.ts';

/** Tells the fixture's authorizer what to do with a request. */
interface Ticket {
  readonly effect?: 'Allow' | 'Deny';
  readonly resource?: unknown;
  readonly message?: string;
  readonly result?: unknown;
  /** Makes two tickets different. */
  readonly owner?: string;
}

let api: FixtureGateway;
beforeAll(async () => {
  api = await startFixtureGateway();
});
beforeEach(() => {
  api.gateway.flushCache();
  api.gateway.flushAuthorizers();
});
afterAll(() => api.gateway.close());

const ticketText = (ticket: Ticket) => Buffer.from(JSON.stringify(ticket)).toString('base64url');
const get = (path: string, ticket: Ticket = {}) =>
  api.send(`GET /v1${path}`, { headers: { Authorization: ticketText(ticket) } });

/** The authorizer context that the function received. */
const authorizerOf = ({ body }: Received) =>
  JSON.parse(body).requestContext.authorizer as Record<string, string | number>;
const invocationOf = (answer: Received) => Number(authorizerOf(answer)['invocations']);

describe('a Lambda authorizer', () => {
  it('gets the event of a REQUEST authorizer', async () => {
    const answer = await api.send('GET /v1/guarded/a%20b?q=1&q=2', {
      headers: { authorization: ticketText({}), 'X-Twice': ['one', 'two'] },
    });
    const event = JSON.parse(String(authorizerOf(answer)['event']));
    expect(event).toEqual({
      type: 'REQUEST',
      methodArn: 'arn:aws:execute-api:eu-west-1:000000000000:local/v1/GET/guarded/a%20b',
      resource: '/guarded/{id}',
      path: '/guarded/a%20b',
      httpMethod: 'GET',
      headers: expect.objectContaining({ Authorization: ticketText({}), 'X-Twice': 'two' }),
      multiValueHeaders: expect.objectContaining({ 'X-Twice': ['one', 'two'] }),
      queryStringParameters: { q: '2' },
      multiValueQueryStringParameters: { q: ['1', '2'] },
      pathParameters: { id: 'a%20b' },
      stageVariables: {},
      requestContext: expect.objectContaining({
        path: '/v1/guarded/a%20b',
        stage: 'v1',
        resourcePath: '/guarded/{id}',
        requestId: answer.headers['x-amzn-requestid'],
        identity: expect.objectContaining({ sourceIp: '127.0.0.1' }),
      }),
    });
    expect(event.requestContext).not.toHaveProperty('authorizer');
  });

  it('gets empty maps in its event where a function gets null', async () => {
    const event = JSON.parse(String(authorizerOf(await get('/guarded/a'))['event']));
    expect(event).toMatchObject({ queryStringParameters: {}, multiValueQueryStringParameters: {} });
  });

  it('passes its context to the function, all as text except for the latency', async () => {
    expect(authorizerOf(await get('/guarded/a'))).toEqual({
      principalId: 'ada',
      isMember: 'true',
      invocations: expect.stringMatching(/^\d+$/),
      event: expect.any(String),
      integrationLatency: expect.any(Number),
    });
  });

  it('runs only for the routes that name it, and not for preflights', async () => {
    expect((await api.send('GET /v1/echo')).status).toBe(200);
    expect((await api.send('OPTIONS /v1/guarded/a')).status).toBe(200);
    expect((await api.send('GET /v1/guarded/a')).status).toBe(401);
  });
});

describe('a request to an authorized route', () => {
  it.each<[string, Record<string, string>]>([
    ['missing', {}],
    ['empty', { Authorization: '' }],
    ['blank', { Authorization: ' ' }],
  ])('is unauthorized if an identity source is %s, without running the authorizer', async (_, headers) => {
    const before = invocationOf(await get('/guarded/before'));
    const answer = await api.send('GET /v1/guarded/a', { headers });
    expect([answer.status, answer.body]).toEqual([401, '{"code":"invalid-token"}']);
    expect(invocationOf(await get('/guarded/after'))).toBe(before + 1);
  });

  it('is unauthorized if the authorizer says so, which is not cached', async () => {
    const before = invocationOf(await get('/guarded/before'));
    const answers = [
      await get('/guarded/a', { message: 'Unauthorized' }),
      await get('/guarded/a', { message: 'Unauthorized' }),
    ];
    expect(answers.map(({ status }) => status)).toEqual([401, 401]);
    expect(invocationOf(await get('/guarded/after'))).toBe(before + 3);
  });

  it.each<[string, Ticket]>([
    ['denies it', { effect: 'Deny' }],
    ['denies everything', { effect: 'Deny', resource: '*' }],
    ['allows another path', { resource: 'arn:aws:execute-api:eu-west-1:000000000000:local/v1/GET/guarded/b' }],
    ['allows another method', { resource: 'arn:aws:execute-api:*:*:*/v1/POST/*' }],
    ['allows another stage', { resource: 'arn:aws:execute-api:*:*:*/v2/*' }],
    ['allows a longer path', { resource: 'arn:aws:execute-api:*:*:*/v1/GET/guarded/a?' }],
    ['allows only a prefix of its path', { resource: 'arn:aws:execute-api:*:*:*/v1/GET/guarded/' }],
  ])('is denied if the policy %s', async (_, ticket) => {
    const answer = await get('/guarded/a', ticket);
    expect([answer.status, answer.body]).toEqual([403, '{"code":"forbidden","principal":"ada"}']);
  });

  it.each<[string, unknown]>([
    ['everything', '*'],
    ['the API', 'arn:aws:execute-api:eu-west-1:000000000000:local/*'],
    ['the method', ['arn:elsewhere', 'arn:aws:execute-api:*:*:local/v1/GET/guarded/?']],
  ])('is allowed if a pattern of the policy matches %s', async (_, resource) => {
    expect((await get('/guarded/a', { resource })).status).toBe(200);
  });

  const allow = { Action: 'execute-api:Invoke', Effect: 'Allow', Resource: '*' };
  const withStatement = (statement: unknown) => ({ principalId: 'ada', policyDocument: { Statement: [statement] } });

  it('is denied if one statement denies what another allows', async () => {
    const result = { principalId: 'ada', policyDocument: { Statement: [allow, { ...allow, Effect: 'Deny' }] } };
    expect((await get('/guarded/a', { result })).status).toBe(403);
  });

  it('is denied if the policy is about another action', async () => {
    const result = withStatement({ ...allow, Action: 'execute-api:ManageConnections' });
    expect((await get('/guarded/a', { result })).status).toBe(403);
    const wider = withStatement({ ...allow, Action: ['execute-api:*'] });
    expect((await get('/guarded/a', { result: wider })).status).toBe(200);
  });

  it.each<[string, unknown]>([
    ['nothing', null],
    ['a text', 'yes'],
    ['no principal', { policyDocument: { Statement: [allow] } }],
    ['no policy', { principalId: 'ada' }],
    ['a policy without statements', { principalId: 'ada', policyDocument: { Statement: [] } }],
    ['an invalid effect', withStatement({ ...allow, Effect: 'allow' })],
    ['no resource', withStatement({ ...allow, Resource: undefined })],
    ['a condition, which is not emulated', withStatement({ ...allow, Condition: {} })],
    ['a list in its context', { ...withStatement(allow), context: { roles: ['learner'] } }],
    ['an object in its context', { ...withStatement(allow), context: { user: {} } }],
  ])('fails with a configuration error if the authorizer returns %s', async (_, result) => {
    const answer = await get('/guarded/a', { result });
    expect([answer.status, answer.body]).toEqual([500, '{"code":"internal-error"}']);
  });

  it('fails if the authorizer fails in any other way, which is not cached', async () => {
    const failed = await get('/guarded/a', { message: 'unauthorized' });
    expect([failed.status, JSON.parse(failed.body).code]).toEqual([503, 'unavailable']);
    const entry = await api.logged(
      (candidate) => candidate.kind === 'access' && candidate.requestId === failed.headers['x-amzn-requestid'],
    );
    expect(entry).toMatchObject({ gatewayError: 'AUTHORIZER_FAILURE: Error: unauthorized', authorizer: null });
  });
});

describe('an authorizer result', () => {
  it('is cached for the same identity, whatever else differs, and its policy is evaluated again', async () => {
    const first = await get('/guarded/a');
    const second = await api.send('GET /v1/guarded/a?other=1', { headers: { Authorization: ticketText({}) } });
    expect(invocationOf(second)).toBe(invocationOf(first));
    expect(authorizerOf(second)['integrationLatency']).toBe(0);
    const log = await api.logged(
      (entry) => entry.kind === 'access' && entry.requestId === second.headers['x-amzn-requestid'],
    );
    expect(log).toMatchObject({ authorizer: 'hit', cache: null });
  });

  it.each<[string, string, Ticket]>([
    ['header', '/guarded/a', { owner: 'grace' }],
    ['path', '/guarded/b', {}],
    ['spelling of the path', '/guarded/a/', {}],
  ])('is not used for another %s', async (_, path, ticket) => {
    const first = await get('/guarded/a');
    expect(invocationOf(await get(path, ticket))).toBe(invocationOf(first) + 1);
  });

  it('is not used for a request that sends the header twice', async () => {
    const first = await get('/guarded/a');
    const Authorization = [ticketText({ owner: 'grace' }), ticketText({})];
    const twice = await api.send('GET /v1/guarded/a', { headers: { Authorization } });
    expect(invocationOf(twice)).toBe(invocationOf(first) + 1);
  });

  it('expires, even if it is a denial', async () => {
    const first = await get('/guarded/a');
    expect((await get('/guarded/b', { effect: 'Deny' })).status).toBe(403);
    api.passSeconds(59.999);
    expect(invocationOf(await get('/guarded/a'))).toBe(invocationOf(first));
    expect((await get('/guarded/b', { effect: 'Deny' })).status).toBe(403);
    api.passSeconds(0.001);
    expect(invocationOf(await get('/guarded/a'))).toBe(invocationOf(first) + 2);
  });

  it('is not cached if the template sets a TTL of 0', async () => {
    const send = () => api.send(`GET /v1/forgotten?ticket=${ticketText({})}`);
    const [first, second] = [await send(), await send()];
    expect(invocationOf(second)).toBe(invocationOf(first) + 1);
    expect((await api.send('GET /v1/forgotten')).status).toBe(401);
  });

  it('is evaluated before the stage cache, so only authorized callers get cached answers', async () => {
    const path = '/guarded/a/cached';
    const first = await get(path);
    const second = await get(path, { owner: 'grace' });
    const refused = await get(path, { effect: 'Deny' });
    const unknown = await api.send(`GET /v1${path}`);
    expect([first, second, refused, unknown].map(({ status, headers }) => [status, headers['x-cache']])).toEqual([
      [200, 'miss'],
      [200, 'hit'],
      [403, undefined],
      [401, undefined],
    ]);
    expect(second.headers['x-invocation']).toBe(first.headers['x-invocation']);
  });

  it('is cached apart from the stage cache: flushing one leaves the other', async () => {
    await get('/guarded/a/cached');
    api.gateway.flushAuthorizers();
    const again = await get('/guarded/a/cached');
    expect(again.headers['x-cache']).toBe('hit');
    const entry = await api.logged(
      (candidate) => candidate.kind === 'access' && candidate.requestId === again.headers['x-amzn-requestid'],
    );
    expect(entry).toMatchObject({ cache: 'hit', authorizer: 'miss' });
  });
});
