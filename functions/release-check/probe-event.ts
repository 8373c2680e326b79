import type { APIGatewayProxyEvent, APIGatewayRequestAuthorizerEvent } from 'aws-lambda';
import type { Probe } from './probes.ts';

/** An address that belongs to nobody (RFC 5737), so that no network's rate limits count a probe. */
const NO_NETWORK = '192.0.2.1';

/** What an authorizer gets besides the request. Its policy would name this method. */
const AUTHORIZER_FIELDS = {
  type: 'REQUEST',
  methodArn: 'arn:aws:execute-api:local:000000000000:release-check/v1/GET/release-check',
} as const;

/**
 * Builds the event that API Gateway would send for a probe, the same for a route and for the authorizer of one.
 * @param requestId is in the function's log, and tells a probe from a request
 */
export function probeEvent(
  { route, path = {}, headers = {}, body, authorizer }: Probe,
  requestId: string,
): APIGatewayProxyEvent & Pick<APIGatewayRequestAuthorizerEvent, 'type' | 'methodArn'> {
  const [httpMethod = '', resource = ''] = route.split(' ');
  const requestPath = Object.entries(path).reduce((to, [name, value]) => to.replace(`{${name}}`, value), resource);
  const sent = { ...headers, ...(body !== undefined && { 'Content-Type': 'application/json' }) };
  return {
    ...AUTHORIZER_FIELDS,
    resource,
    path: requestPath,
    httpMethod,
    headers: sent,
    multiValueHeaders: Object.fromEntries(Object.entries(sent).map(([name, value]) => [name, [value]])),
    queryStringParameters: null,
    multiValueQueryStringParameters: null,
    pathParameters: path,
    stageVariables: null,
    body: body === undefined ? null : JSON.stringify(body),
    isBase64Encoded: false,
    requestContext: {
      accountId: '000000000000',
      apiId: 'release-check',
      authorizer: authorizer ?? null,
      httpMethod,
      identity: {
        accessKey: null,
        accountId: null,
        apiKey: null,
        apiKeyId: null,
        caller: null,
        clientCert: null,
        cognitoAuthenticationProvider: null,
        cognitoAuthenticationType: null,
        cognitoIdentityId: null,
        cognitoIdentityPoolId: null,
        principalOrgId: null,
        sourceIp: NO_NETWORK,
        user: null,
        userAgent: 'release-check',
        userArn: null,
      },
      path: `/v1${requestPath}`,
      protocol: 'HTTP/1.1',
      requestId,
      requestTimeEpoch: Date.now(),
      resourceId: 'release-check',
      resourcePath: resource,
      stage: 'v1',
    },
  };
}
