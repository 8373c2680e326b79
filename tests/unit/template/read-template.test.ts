import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readTemplate } from '../../../tools/template/read-template.ts';
import { fixtureTemplate } from '../../support/fixtures/gateway/fixture-gateway.ts';

describe('reading a template', () => {
  const model = readTemplate(fixtureTemplate);
  const route = (method: string, path: string) =>
    model.routes.find((candidate) => candidate.method === method && candidate.path === path);

  it('names functions by the last folder of CodeUri', () => {
    expect(model.functions.map(({ logicalId, name }) => [logicalId, name]).slice(0, 2)).toEqual([
      ['EchoFunction', 'echo'],
      ['ResultFunction', 'result'],
    ]);
  });

  it('merges Globals into each function', () => {
    const surroundings = model.functions.find(({ name }) => name === 'surroundings');
    expect(surroundings).toMatchObject({
      timeoutSeconds: 7,
      memoryMegabytes: 256,
      environment: { SHARED: 'from globals', GREETING: 'hello', OWN: 'plain-60' },
    });
    expect(model.functions.find(({ name }) => name === 'echo')?.timeoutSeconds).toBe(10);
  });

  it('puts a placeholder where only AWS knows the value, and nothing for AWS::NoValue', () => {
    const environment = model.functions.find(({ name }) => name === 'surroundings')?.environment;
    expect(environment?.['ROLE']).toBe('arn:aws:local:eu-west-1:000000000000:Unused/Arn');
    expect(environment?.['DOMAIN']).toBe('https://unused.invalid');
    expect(environment).not.toHaveProperty('NOTHING');
  });

  it('takes parameters over their defaults and evaluates conditions with them', () => {
    const fancy = readTemplate(fixtureTemplate, { parameters: { Mode: 'fancy', Greeting: 'hej', Ttl: '7' } });
    expect(fancy.functions.find(({ name }) => name === 'surroundings')?.environment).toMatchObject({
      OWN: 'fancy',
      GREETING: 'hej',
    });
    expect(fancy.routes.find(({ path }) => path === '/cached/{id}')?.cache).toEqual({ ttlSeconds: 7 });
  });

  it('knows what is cached, for how long and by which keys, though there is no cache cluster', () => {
    expect(route('GET', '/cached/{id}')).toMatchObject({
      cache: { ttlSeconds: 60 },
      requestParameters: [
        { in: 'path', name: 'id', required: true, cacheKey: true },
        { in: 'querystring', name: 'q', required: false, cacheKey: true },
        { in: 'header', name: 'X-Tenant', required: false, cacheKey: true },
        { in: 'querystring', name: 'status', required: false, cacheKey: false },
      ],
    });
    expect(route('GET', '/cached-whole')?.cache).toEqual({ ttlSeconds: 5 });
  });

  it('knows the authorizers, by which function they decide and what their results are kept by', () => {
    expect(model.authorizers).toEqual([
      {
        name: 'Keeper',
        functionName: 'keeper',
        identitySources: [
          { in: 'header', name: 'Authorization' },
          { in: 'context', name: 'path' },
        ],
        ttlSeconds: 60,
      },
      {
        name: 'Forgetful',
        functionName: 'keeper',
        identitySources: [{ in: 'querystring', name: 'ticket' }],
        ttlSeconds: 0,
      },
    ]);
    expect(route('GET', '/guarded/{id}')?.authorizer).toBe('Keeper');
    expect(route('GET', '/echo')?.authorizer).toBeNull();
  });

  it('caches GET only', () => {
    expect(route('POST', '/cached/{id}')?.cache).toBeNull();
    expect(route('GET', '/uncached')?.cache).toBeNull();
  });

  it('takes the quotes off CORS settings', () => {
    expect(model.cors).toEqual({
      allowOrigin: 'https://app.example.com',
      allowMethods: null,
      allowHeaders: 'Content-Type',
      maxAge: '600',
      allowCredentials: false,
    });
  });

  it('understands the template of this project', () => {
    const own = readTemplate(join(import.meta.dirname, '../../../template.yaml'));
    expect(own.stageName).toBe('v1');
    expect(own.routes).toContainEqual(
      expect.objectContaining({ method: 'GET', path: '/courses', functionName: 'courses' }),
    );
    expect(own.gatewayResponses.DEFAULT_5XX?.statusCode).toBe(503);
  });
});

describe('a template that cannot be understood', () => {
  const folder = mkdtempSync(join(tmpdir(), 'lectern-template-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  const api = { Type: 'AWS::Serverless::Api', Properties: { StageName: 'v1' } as Record<string, unknown> };

  function event(properties: Record<string, unknown> = {}) {
    return { Type: 'Api', Properties: { RestApiId: { Ref: 'Api' }, Path: '/a', Method: 'GET', ...properties } };
  }

  function fn(properties: Record<string, unknown> = {}) {
    return {
      Type: 'AWS::Serverless::Function',
      Properties: { Handler: 'index.handler', CodeUri: 'functions/one/', Events: { Get: event() }, ...properties },
    };
  }

  function read(resources: Record<string, unknown>, rest: Record<string, unknown> = {}) {
    const file = join(folder, 'template.yaml');
    writeFileSync(file, JSON.stringify({ ...rest, Resources: { Api: api, ...resources } }));
    return readTemplate(file);
  }

  /** One route behind an authorizer, which is as it should be but for what is given. */
  function authorizedBy(properties: Record<string, unknown>) {
    const Keeper = {
      FunctionPayloadType: 'REQUEST',
      FunctionArn: { Ref: 'One' },
      Identity: { Headers: ['Authorization'] },
      ...properties,
    };
    return {
      Api: { ...api, Properties: { ...api.Properties, Auth: { Authorizers: { Keeper } } } },
      One: fn({ Events: { Get: event({ Auth: { Authorizer: 'Keeper' } }) } }),
    };
  }

  it('is understood otherwise', () => {
    expect(read(authorizedBy({})).routes).toMatchObject([{ authorizer: 'Keeper' }]);
    expect(read({ One: fn() }).routes).toHaveLength(1);
  });

  it.each<[string, () => unknown, string]>([
    ['no API', () => read({ Api: { Type: 'Other' } }), 'Resources: there must be one AWS::Serverless::Api'],
    [
      'another handler',
      () => read({ One: fn({ Handler: 'app.run' }) }),
      'One: Handler must be index.handler, not app.run',
    ],
    ['no CodeUri', () => read({ One: fn({ CodeUri: undefined }) }), 'One: CodeUri is missing'],
    [
      'two functions of one name',
      () => read({ One: fn(), Two: fn({ Events: {} }) }),
      'One: has the same CodeUri as Two',
    ],
    [
      'one route twice',
      () => read({ One: fn(), Two: fn({ CodeUri: 'functions/two' }) }),
      'Two: GET /a is a route of One already',
    ],
    [
      'a timeout that is no number',
      () => read({ One: fn({ Timeout: 'soon' }) }),
      'One: Timeout must be a number, not "soon"',
    ],
    [
      'an unknown reference',
      () => read({ One: fn({ Timeout: { Ref: 'Gone' } }) }),
      'One: refers to Gone, which is neither',
    ],
    [
      'an event of another API',
      () => read({ One: fn({ Events: { Get: event({ RestApiId: 'Other' }) } }) }),
      'One: Events: Get: Properties: RestApiId must refer to Api',
    ],
    [
      'an HTTP API',
      () => read({ One: fn({ Events: { Get: { Type: 'HttpApi' } } }) }),
      'One: Events: Get: HttpApi events are not emulated',
    ],
    [
      'a request parameter that is none',
      () => read({ One: fn({ Events: { Get: event({ RequestParameters: ['method.request.body.x'] }) } }) }),
      'method.request.body.x is not a parameter of a request',
    ],
    [
      'an authorizer that is not declared',
      () => read({ One: fn({ Events: { Get: event({ Auth: { Authorizer: 'Ghost' } }) } }) }),
      'One: Events: Get: Properties: Auth: there is no authorizer Ghost',
    ],
    [
      'an authorizer that looks at a token alone',
      () => read(authorizedBy({ FunctionPayloadType: undefined })),
      'the authorizer Keeper: FunctionPayloadType must be REQUEST',
    ],
    [
      'an authorizer of another kind',
      () => read(authorizedBy({ UserPoolArn: 'arn:aws:cognito-idp:::userpool/x' })),
      'the authorizer Keeper: UserPoolArn is not emulated',
    ],
    [
      'an authorizer whose function is not there',
      () => read(authorizedBy({ FunctionArn: 'arn:aws:lambda:eu-west-1:000000000000:function:other' })),
      'the authorizer Keeper: FunctionArn arn:aws:lambda:eu-west-1:000000000000:function:other is no function',
    ],
    [
      'an identity source that is not emulated',
      () => read(authorizedBy({ Identity: { StageVariables: ['who'] } })),
      'the authorizer Keeper: Identity: StageVariables is not emulated',
    ],
    [
      'results kept by nothing',
      () => read(authorizedBy({ Identity: {} })),
      'the authorizer Keeper: Identity: results cannot be kept without an identity source',
    ],
    [
      'results kept for too long',
      () => read(authorizedBy({ Identity: { Headers: ['Authorization'], ReauthorizeEvery: 3601 } })),
      'the authorizer Keeper: Identity: ReauthorizeEvery must be whole seconds up to 3600',
    ],
    [
      'a kind of access that is not emulated',
      () => read({ One: fn({ Events: { Get: event({ Auth: { ApiKeyRequired: true } }) } }) }),
      'One: Events: Get: Properties: Auth: ApiKeyRequired is not emulated',
    ],
    [
      'a gateway response that AWS does not have',
      () => read({ Api: { ...api, Properties: { StageName: 'v1', GatewayResponses: { TEAPOT: {} } } } }),
      'Api: GatewayResponses: TEAPOT is not a gateway response',
    ],
    [
      'a method setting for no route',
      () =>
        read({
          Api: {
            ...api,
            Properties: { StageName: 'v1', MethodSettings: [{ HttpMethod: 'GET', ResourcePath: '/~1b' }] },
          },
          One: fn(),
        }),
      'Api: MethodSettings names GET /b, which is no route',
    ],
    [
      'a CORS setting without quotes',
      () => read({ Api: { ...api, Properties: { StageName: 'v1', Cors: '*' } } }),
      'Api: * must be in single quotes',
    ],
    [
      'a parameter without a value',
      () => read({}, { Parameters: { Stage: { Type: 'String' } } }),
      'Parameters: Stage: has no default',
    ],
  ])('says so for %s', (_, reading, message) => {
    expect(reading).toThrow(message);
  });

  it('says so for a parameter that is not in the template, or not among the allowed values', () => {
    expect(() => readTemplate(fixtureTemplate, { parameters: { Tea: 'yes' } })).toThrow('there is no parameter Tea');
    expect(() => readTemplate(fixtureTemplate, { parameters: { Mode: 'odd' } })).toThrow(
      'odd is not one of plain, fancy',
    );
  });

  it('says so for broken YAML', () => {
    const file = join(folder, 'broken.yaml');
    writeFileSync(file, 'a: 1\na: 2\n');
    expect(() => readTemplate(file)).toThrow('template.yaml: YAML: Map keys must be unique');
  });
});
