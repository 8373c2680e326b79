import type { APIGatewayProxyEvent, APIGatewayRequestAuthorizerEvent } from 'aws-lambda';
import type { LambdaHandler } from '../../shared/http/handler.ts';
import { requestHeaders } from '../accounts/auth-client.ts';

/** What matters of a request to a function. */
export interface Call {
  readonly path?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly accessToken?: string | undefined;
  readonly sourceIp?: string;
  /** Whom the authorizer let through. */
  readonly principalId?: string;
}

/**
 * Asks a real function for a route such as `GET /courses/{courseId}`, and returns the parsed answer.
 * @throws Error if it answers with another status.
 */
export async function call(handler: LambdaHandler, key: string, status: number, request: Call = {}): Promise<unknown> {
  const { statusCode, headers = {}, body } = await handler(eventOf(key, request));
  if (statusCode !== status) throw new Error(`${key} answered ${statusCode}: ${body}`);
  return String(headers['Content-Type']).includes('json') && body !== '' ? JSON.parse(body) : body;
}

function eventOf(
  key: string,
  { path = {}, query, body, accessToken, sourceIp = '203.0.113.7', principalId }: Call,
): APIGatewayProxyEvent {
  const [httpMethod = '', resource = ''] = key.split(' ');
  const pairs = Object.entries(query ?? {});
  return {
    resource,
    path: pathOf(resource, path),
    httpMethod,
    ...requestHeaders(accessToken),
    queryStringParameters: query === undefined ? null : { ...query },
    multiValueQueryStringParameters:
      query === undefined ? null : Object.fromEntries(pairs.map(([name, value]) => [name, [value]])),
    pathParameters: { ...path },
    stageVariables: null,
    body: body === undefined ? null : JSON.stringify(body),
    isBase64Encoded: false,
    requestContext: {
      requestId: 'bench',
      domainName: 'api.lectern.example',
      stage: 'v1',
      path: `/v1${pathOf(resource, path)}`,
      identity: { sourceIp },
      authorizer: principalId === undefined ? null : { principalId },
    } as APIGatewayProxyEvent['requestContext'],
  };
}

/** What API Gateway asks the authorizer before a guarded lesson. */
export function lessonEvent(path: Readonly<Record<string, string>>, accessToken: string) {
  const resource = '/courses/{courseId}/lessons/{lessonId}';
  const { headers, multiValueHeaders } = requestHeaders(accessToken);
  return {
    type: 'REQUEST',
    methodArn: `arn:aws:execute-api:eu-west-1:123456789012:bench/v1/GET${pathOf(resource, path)}`,
    resource,
    path: pathOf(resource, path),
    httpMethod: 'GET',
    headers,
    multiValueHeaders,
    queryStringParameters: {},
    multiValueQueryStringParameters: {},
    pathParameters: { ...path },
    stageVariables: {},
    requestContext: {} as APIGatewayRequestAuthorizerEvent['requestContext'],
  } satisfies APIGatewayRequestAuthorizerEvent;
}

function pathOf(resource: string, path: Readonly<Record<string, string>>): string {
  return Object.entries(path).reduce((to, [name, value]) => to.replace(`{${name}}`, value), resource);
}
