import type { APIGatewayProxyEvent } from 'aws-lambda';
import { handler } from '../../functions/auth/handler.ts';

/** What matters of a request to the auth function. */
export interface AuthRequest {
  /** Such as `POST /auth/login`. */
  readonly key: string;
  readonly body?: unknown;
  readonly accessToken?: string;
  readonly sourceIp?: string;
}

/** What the auth function answers to an app that signs in or renews its session. */
export interface SignedIn {
  readonly tokens: { readonly accessToken: string; readonly refreshToken: string };
}

/**
 * Asks the real function.
 * @throws Error when it answers with another status, such as 429 from a limit.
 */
export async function callAuth(request: AuthRequest, expectedStatus: number): Promise<unknown> {
  const { statusCode, body } = await handler(authEvent(request));
  if (statusCode !== expectedStatus) throw new Error(`${request.key} answered ${statusCode}: ${body}`);
  return body === '' ? undefined : JSON.parse(body);
}

export async function signIn(email: string, password: string, sourceIp: string): Promise<SignedIn> {
  return (await callAuth({ key: 'POST /auth/login', body: { email, password }, sourceIp }, 200)) as SignedIn;
}

/** The headers of a request by an app, both ways that an event has them. */
export function requestHeaders(accessToken: string | undefined) {
  const headers: Readonly<Record<string, string>> = {
    Accept: 'application/json',
    ...(accessToken !== undefined && { Authorization: `Bearer ${accessToken}` }),
    'Content-Type': 'application/json',
    Host: 'api.lectern.example',
    'User-Agent': 'Lectern/4.2 (Android 16; en)',
  };
  return {
    headers: { ...headers },
    multiValueHeaders: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value]])),
  };
}

function authEvent({ key, body, accessToken, sourceIp = '203.0.113.7' }: AuthRequest): APIGatewayProxyEvent {
  const [httpMethod = '', path = ''] = key.split(' ');
  return {
    resource: path,
    path,
    httpMethod,
    ...requestHeaders(accessToken),
    queryStringParameters: null,
    multiValueQueryStringParameters: null,
    pathParameters: null,
    stageVariables: null,
    body: body === undefined ? null : JSON.stringify(body),
    isBase64Encoded: false,
    requestContext: {
      requestId: 'bench',
      identity: { sourceIp },
    } as APIGatewayProxyEvent['requestContext'],
  };
}
