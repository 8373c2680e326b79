import type { APIGatewayProxyEvent } from 'aws-lambda';
import type { ClientRequest } from './sides/exchange.ts';

/** Headers that API Gateway adds to an event, or that belong to the client's connection. */
const NOT_SENT = new Set([
  'accept-encoding',
  'host',
  'x-amzn-trace-id',
  'x-forwarded-for',
  'x-forwarded-port',
  'x-forwarded-proto',
]);

/** Returns the request that API Gateway would turn into this event. */
export function requestOf(event: APIGatewayProxyEvent): ClientRequest {
  const query = Object.entries(event.multiValueQueryStringParameters ?? {}).flatMap(([name, values]) =>
    (values ?? []).map((value) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`),
  );
  const headers = Object.entries(event.headers).flatMap(([name, value]) =>
    value === undefined || NOT_SENT.has(name.toLowerCase()) ? [] : [[name, value] as const],
  );
  // Null without a body. Missing in the event of an authorizer.
  const body = event.body ?? null;
  return {
    method: event.httpMethod,
    target: event.path + (query.length > 0 ? `?${query.join('&')}` : ''),
    headers: Object.fromEntries(headers),
    body: body !== null && event.isBase64Encoded ? Buffer.from(body, 'base64').toString() : body,
  };
}

/** Returns the request for the next page. Null if the answer is not a list, or is its last page. */
export function nextPage(request: ClientRequest, body: string): ClientRequest | null {
  const cursor = /"nextCursor":\s*"([^"]+)"/.exec(body)?.[1];
  if (request.method !== 'GET' || cursor === undefined) return null;
  const [path = '', query = ''] = request.target.split('?');
  const kept = query.split('&').filter((part) => part !== '' && !part.startsWith('cursor='));
  return { ...request, target: `${path}?${[...kept, `cursor=${cursor}`].join('&')}` };
}
