import { randomBytes, randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

/** A request before routing. */
export interface GatewayRequest {
  readonly id: string;
  readonly extendedId: string;
  readonly receivedAt: Date;
  readonly method: string;
  /** The path as sent, percent-encoded, without the query. */
  readonly path: string;
  /** The query as sent, without its question mark. */
  readonly query: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly protocol: string;
  readonly sourceIp: string;
  readonly localPort: number;
}

export function toGatewayRequest(message: IncomingMessage, receivedAt: Date): GatewayRequest {
  // A client of a proxy sends the whole address. Only what follows the authority counts.
  const target = (message.url ?? '/').replace(/^[a-z][a-z0-9+.-]*:\/\/[^/?]*/i, '');
  const [path = '', ...query] = target.split('?');
  return {
    id: randomUUID(),
    extendedId: randomBytes(11).toString('base64'),
    receivedAt,
    method: message.method ?? 'GET',
    path: path === '' ? '/' : path,
    query: query.join('?'),
    headers: pairs(message.rawHeaders),
    protocol: `HTTP/${message.httpVersion}`,
    sourceIp: (message.socket.remoteAddress ?? '127.0.0.1').replace(/^::ffff:/, ''),
    localPort: message.socket.localPort ?? 0,
  };
}

function pairs(rawHeaders: readonly string[]): (readonly [string, string])[] {
  return Array.from({ length: rawHeaders.length / 2 }, (_, at) => [
    rawHeaders[at * 2] ?? '',
    rawHeaders[at * 2 + 1] ?? '',
  ]);
}

/** Returns every value of a header in order, whatever the case of its name. */
export function headersOf(request: GatewayRequest, name: string): readonly string[] {
  const wanted = name.toLowerCase();
  return request.headers.filter(([given]) => given.toLowerCase() === wanted).map(([, value]) => value);
}

/** Returns the last value of a header, whatever the case of its name. */
export function headerOf(request: GatewayRequest, name: string): string | undefined {
  return headersOf(request, name).at(-1);
}

/** Tells whether a Content-Type, or the first entry of an Accept header, is a binary media type of the API. */
export function isBinary(header: string | undefined, binaryMediaTypes: readonly string[]): boolean {
  const [mediaType = ''] = (header ?? '').split(/[,;]/);
  return binaryMediaTypes.includes('*/*') || binaryMediaTypes.includes(mediaType.trim().toLowerCase());
}
