import type { APIGatewayProxyEvent } from 'aws-lambda';
import type { Query } from './query.ts';
import { type GatewayRequest, headerOf, isBinary } from './request.ts';
import type { RequestContext } from './request-context.ts';
import type { Match } from './routing.ts';

/**
 * Headers that do not reach a function as sent ("Amazon API Gateway important notes"): the gateway drops them, and sets
 * its own forwarding headers.
 */
const DROPPED_HEADERS = new Set([
  'connection',
  'content-length',
  'content-md5',
  'expect',
  'max-forwards',
  'proxy-authenticate',
  'server',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'www-authenticate',
  'x-forwarded-for',
  'x-forwarded-port',
  'x-forwarded-proto',
]);

/** These two always arrive in this case, all others as sent. */
const RECASED_HEADERS = new Map([
  ['authorization', 'Authorization'],
  ['user-agent', 'User-Agent'],
]);

/** A request after routing. */
export interface RoutedRequest {
  readonly request: GatewayRequest;
  readonly match: Match;
  readonly query: Query;
  readonly context: RequestContext;
  /** Below the stage, as sent, with one leading slash. */
  readonly path: string;
  readonly body: Buffer;
  readonly binaryMediaTypes: readonly string[];
}

/**
 * Builds the event of a Lambda proxy integration ("Lambda proxy integrations in API Gateway", input format). The path
 * and its parameters stay percent-encoded, the query is decoded, and an empty map is null.
 */
export function buildProxyEvent(
  routed: RoutedRequest,
): Omit<APIGatewayProxyEvent, 'requestContext'> & { requestContext: RequestContext } {
  const { request, match, query, context, path, body } = routed;
  const isBase64Encoded = body.length > 0 && isBinary(headerOf(request, 'content-type'), routed.binaryMediaTypes);
  const headers = headersForFunction(request);
  return {
    resource: match.resourcePath,
    path,
    httpMethod: request.method,
    headers: lastOfEach(headers),
    multiValueHeaders: Object.fromEntries(headers),
    queryStringParameters: query.size > 0 ? lastOfEach(query) : null,
    multiValueQueryStringParameters: query.size > 0 ? allOfEach(query) : null,
    pathParameters: Object.keys(match.pathParameters).length > 0 ? { ...match.pathParameters } : null,
    stageVariables: null,
    requestContext: context,
    body: body.length > 0 ? body.toString(isBase64Encoded ? 'base64' : 'utf8') : null,
    isBase64Encoded,
  };
}

function headersForFunction(request: GatewayRequest): Map<string, string[]> {
  const forwardedFor = headerOf(request, 'x-forwarded-for');
  const headers = new Map<string, string[]>();
  for (const [given, value] of request.headers) {
    if (DROPPED_HEADERS.has(given.toLowerCase())) continue;
    const name = RECASED_HEADERS.get(given.toLowerCase()) ?? given;
    headers.set(name, [...(headers.get(name) ?? []), value]);
  }
  headers.set('X-Amzn-Trace-Id', [traceId(request)]);
  headers.set('X-Forwarded-For', [
    forwardedFor === undefined ? request.sourceIp : `${forwardedFor}, ${request.sourceIp}`,
  ]);
  headers.set('X-Forwarded-Port', [String(request.localPort)]);
  headers.set('X-Forwarded-Proto', ['http']);
  return headers;
}

function traceId(request: GatewayRequest): string {
  const seconds = Math.floor(request.receivedAt.getTime() / 1000).toString(16);
  return `Root=1-${seconds.padStart(8, '0')}-${request.id.replaceAll('-', '').slice(0, 24)}`;
}

function lastOfEach(values: ReadonlyMap<string, readonly string[]>): Record<string, string> {
  return Object.fromEntries([...values].map(([name, all]) => [name, all.at(-1) ?? '']));
}

function allOfEach(values: ReadonlyMap<string, readonly string[]>): Record<string, string[]> {
  return Object.fromEntries([...values].map(([name, all]) => [name, [...all]]));
}
