import type { APIGatewayProxyEvent } from 'aws-lambda';

/** The event of a GET request to a resource such as `/courses/{courseId}`, as the text that Lambda hands on. */
export function getEvent(
  resource: string,
  pathParameters: Readonly<Record<string, string>>,
  query: Readonly<Record<string, string>> = {},
): string {
  const path = Object.entries(pathParameters).reduce((to, [name, value]) => to.replace(`{${name}}`, value), resource);
  const headers = {
    Accept: 'application/json',
    Host: 'api.lectern.example',
    'User-Agent': 'Lectern/4.2 (Android 16; en)',
  };
  return JSON.stringify({
    resource,
    path,
    httpMethod: 'GET',
    headers,
    multiValueHeaders: lists(headers),
    queryStringParameters: { ...query },
    multiValueQueryStringParameters: lists(query),
    pathParameters: { ...pathParameters },
    stageVariables: null,
    body: null,
    isBase64Encoded: false,
    requestContext: {
      requestId: '6d1a3b52-0000-4000-8000-000000000000',
      identity: { sourceIp: '203.0.113.7' },
      path: `/v1${path}`,
      resourcePath: resource,
      stage: 'v1',
    } as APIGatewayProxyEvent['requestContext'],
  } satisfies APIGatewayProxyEvent);
}

function lists(values: Readonly<Record<string, string>>): Record<string, string[]> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, [value]]));
}
