import type { APIGatewayProxyEvent, APIGatewayRequestAuthorizerEvent } from 'aws-lambda';

/** The parts of a request that a test sets. The rest is as API Gateway sends it. */
export interface ApiEventOptions {
  readonly path?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string | readonly string[]>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly isBase64Encoded?: boolean;
  readonly authorizer?: Readonly<Record<string, string>>;
  readonly requestId?: string;
  /** 127.0.0.1 by default. */
  readonly sourceIp?: string;
}

/** Builds a REST API proxy event for a route such as `GET /courses/{courseId}`. */
export function apiEvent(route: string, options: ApiEventOptions = {}): APIGatewayProxyEvent {
  const [httpMethod = '', resource = ''] = route.split(' ');
  const query = Object.entries(options.query ?? {}).map(([name, value]) => [name, [value].flat()] as const);
  const headers = { 'User-Agent': 'tests', ...options.headers };
  const path = Object.entries(options.path ?? {}).reduce(
    (to, [name, value]) => to.replace(`{${name}}`, value),
    resource,
  );
  return {
    resource,
    path,
    httpMethod,
    headers,
    multiValueHeaders: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value]])),
    queryStringParameters:
      query.length === 0 ? null : Object.fromEntries(query.map(([name, values]) => [name, values.at(-1)])),
    multiValueQueryStringParameters:
      query.length === 0 ? null : Object.fromEntries(query.map(([name, values]) => [name, [...values]])),
    pathParameters: options.path === undefined ? null : { ...options.path },
    stageVariables: null,
    body: options.body ?? null,
    isBase64Encoded: options.isBase64Encoded ?? false,
    requestContext: {
      accountId: '123456789012',
      apiId: 'tests',
      authorizer: options.authorizer ?? null,
      httpMethod,
      identity: {
        sourceIp: options.sourceIp ?? '127.0.0.1',
        userAgent: 'tests',
      } as APIGatewayProxyEvent['requestContext']['identity'],
      path: `/v1${path}`,
      protocol: 'HTTP/1.1',
      requestId: options.requestId ?? '6d1a3b52-0000-4000-8000-000000000000',
      requestTimeEpoch: 0,
      resourceId: 'tests',
      resourcePath: resource,
      stage: 'v1',
    },
  };
}

/** Builds what API Gateway sends its authorizer for a lesson request. */
export function authorizerEvent(
  { courseId, lessonId }: { readonly courseId: string; readonly lessonId: string },
  headers: Readonly<Record<string, string>>,
): APIGatewayRequestAuthorizerEvent {
  const event = apiEvent('GET /courses/{courseId}/lessons/{lessonId}', { path: { courseId, lessonId }, headers });
  return {
    type: 'REQUEST',
    methodArn: `arn:aws:execute-api:eu-west-1:123456789012:tests/v1/GET${event.path}`,
    resource: event.resource,
    path: event.path,
    httpMethod: event.httpMethod,
    headers: event.headers,
    multiValueHeaders: event.multiValueHeaders,
    queryStringParameters: {},
    multiValueQueryStringParameters: {},
    pathParameters: { ...event.pathParameters },
    stageVariables: {},
    requestContext: event.requestContext as unknown as APIGatewayRequestAuthorizerEvent['requestContext'],
  };
}
