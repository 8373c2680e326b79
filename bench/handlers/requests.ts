import { generateKeyPairSync, randomUUID } from 'node:crypto';
import type { APIGatewayProxyEvent } from 'aws-lambda';
import jwt from 'jsonwebtoken';

/** Requests for one run of the bench: signed now, so that they are good for as long as an access token is. */
export interface BenchRequests {
  /** What the verifiers read: issuer, audience and the public key. */
  readonly environment: Readonly<Record<string, string>>;
  /**
   * The events of the two routes, as the texts that Lambda gives a function. Each has a token and a body of its own.
   */
  readonly routes: Readonly<Record<BenchRoute, readonly string[]>>;
  /** Requests with something wrong, by what it is, and the status that they are to be refused with. */
  readonly wrong: Readonly<Record<string, { readonly event: string; readonly status: number }>>;
}

/** `token` is the whole work; `open` the same without a token, which leaves the framework alone. */
export type BenchRoute = 'token' | 'open';

const RESOURCE = '/courses/{courseId}/lessons/{lessonId}/positions';
const ISSUER = 'https://auth.lectern.example';
const AUDIENCE = 'https://api.lectern.example';
const KEY_ID = 'bench-1';

/** So many different requests that nothing is gained by remembering one. */
const VARIETY = 64;

export function makeRequests(): BenchRequests {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const stranger = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const jwk = { ...publicKey.export({ format: 'jwk' }), kid: KEY_ID, use: 'sig', alg: 'ES256' };

  const issuedAt = Math.floor(Date.now() / 1000);
  const sign = (change: Readonly<Record<string, unknown>> = {}, key = privateKey) =>
    jwt.sign(
      {
        iss: ISSUER,
        aud: AUDIENCE,
        sub: '65f1c0ffee65f1c0ffee65f1',
        sid: randomUUID(),
        jti: randomUUID(),
        ep: 3,
        roles: ['learner', 'author'],
        iat: issuedAt,
        exp: issuedAt + 900,
        ...change,
      },
      key,
      { algorithm: 'ES256', header: { alg: 'ES256', typ: 'at+jwt', kid: KEY_ID } },
    );
  const event = (change: EventChange = {}) => JSON.stringify(proxyEvent({ token: sign(), ...change }));
  const expired = sign({ iat: issuedAt - 7200, exp: issuedAt - 6300 });

  return {
    environment: {
      TOKEN_ISSUER: ISSUER,
      TOKEN_AUDIENCE: AUDIENCE,
      ACCESS_TOKEN_PUBLIC_KEYS: JSON.stringify({ keys: [jwk] }),
    },
    routes: {
      token: Array.from({ length: VARIETY }, (_, index) => event({ index })),
      open: Array.from({ length: VARIETY }, (_, index) => event({ index, token: null, prefix: '/open' })),
    },
    wrong: {
      'no token': { event: event({ token: null }), status: 401 },
      'a token of another key': { event: event({ token: sign({}, stranger.privateKey) }), status: 401 },
      'an expired token': { event: event({ token: expired }), status: 401 },
      'a token for another audience': { event: event({ token: sign({ aud: 'somebody-else' }) }), status: 401 },
      'a token without a session': { event: event({ token: sign({ sid: 7 }) }), status: 401 },
      'a course id that is no slug': { event: event({ courseId: 'No_Slug' }), status: 400 },
      'a query parameter out of range': { event: event({ query: { history: '21' } }), status: 400 },
      'a query parameter of another type': { event: event({ query: { history: 'many' } }), status: 400 },
      'a body that is no JSON': { event: event({ body: '{"eventId":' }), status: 400 },
      'a body with an unknown property': {
        event: event({ body: JSON.stringify({ ...body(0), more: 1 }) }),
        status: 400,
      },
      'a body with a number as text': {
        event: event({ body: JSON.stringify({ ...body(0), position: '4' }) }),
        status: 400,
      },
    },
  };
}

interface EventChange {
  readonly index?: number;
  readonly token?: string | null;
  readonly prefix?: string;
  readonly courseId?: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: string;
}

function body(index: number) {
  return {
    eventId: randomUUID(),
    occurredAt: new Date(Date.UTC(2026, 0, 1, 8, 0, index)).toISOString(),
    position: 12.5 + index,
    ...(index % 2 === 0 && { completed: index % 4 === 0 }),
    device: { id: `phone-${index}`, platform: index % 3 === 0 ? 'ios' : 'android' },
  };
}

/** An event as a REST API makes it of a request by an app on a phone. */
function proxyEvent({
  index = 0,
  token = null,
  prefix = '',
  courseId = 'listening-to-the-world',
  ...rest
}: EventChange) {
  const path = `${prefix}/courses/${courseId}/lessons/birds-at-dawn/positions`;
  const requestId = randomUUID();
  const query = rest.query ?? { unit: 'seconds', history: String(3 + (index % 5)) };
  const text = rest.body ?? JSON.stringify(body(index));
  const headers = {
    Accept: 'application/json',
    'Accept-Encoding': 'gzip, deflate, br',
    ...(token !== null && { Authorization: `Bearer ${token}` }),
    'Content-Type': 'application/json',
    'Content-Length': String(Buffer.byteLength(text)),
    Host: 'api.lectern.example',
    'User-Agent': 'Lectern/4.2 (Android 16; en)',
    'X-Amzn-Trace-Id': 'Root=1-5e66d96f-7491f09xmpl79d18acf3d050',
    'X-Forwarded-For': '203.0.113.7',
    'X-Forwarded-Port': '443',
    'X-Forwarded-Proto': 'https',
    'X-Request-Id': requestId,
  };
  return {
    resource: `${prefix}${RESOURCE}`,
    path,
    httpMethod: 'POST',
    headers,
    multiValueHeaders: lists(headers),
    queryStringParameters: query,
    multiValueQueryStringParameters: lists(query),
    pathParameters: { courseId, lessonId: 'birds-at-dawn' },
    stageVariables: null,
    body: text,
    isBase64Encoded: false,
    requestContext: {
      accountId: '123456789012',
      apiId: 'a1b2c3d4e5',
      authorizer: null,
      httpMethod: 'POST',
      identity: { sourceIp: '203.0.113.7', userAgent: 'Lectern/4.2 (Android 16; en)' },
      path: `/v1${path}`,
      protocol: 'HTTP/1.1',
      requestId,
      requestTimeEpoch: Date.now(),
      resourceId: 'r1',
      resourcePath: `${prefix}${RESOURCE}`,
      stage: 'v1',
    } as unknown as APIGatewayProxyEvent['requestContext'],
  } satisfies APIGatewayProxyEvent;
}

function lists(values: Readonly<Record<string, string>>): Record<string, string[]> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, [value]]));
}
