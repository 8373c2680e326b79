import { GatewayFault } from './gateway-fault.ts';

/** Every value of each query parameter, decoded, in the order they were sent. */
export type Query = ReadonlyMap<string, readonly string[]>;

/**
 * REST APIs hand functions the query decoded, a plus sign as a space, and split it at semicolons too ("Amazon API
 * Gateway important notes"). The last of repeated values is the one in the map of single values and in the cache key.
 * @throws GatewayFault DEFAULT_4XX for an incomplete percent-encoding.
 */
export function parseQuery(query: string): Query {
  const parsed = new Map<string, string[]>();
  for (const part of query.split(/[&;]/)) {
    if (part === '') continue;
    const [name = '', ...value] = part.split('=').map((piece) => piece.replaceAll('+', ' '));
    const decoded = decodePercent(name);
    parsed.set(decoded, [...(parsed.get(decoded) ?? []), decodePercent(value.join('='))]);
  }
  return parsed;
}

/** @throws GatewayFault DEFAULT_4XX for an incomplete percent-encoding. */
export function assertPercentEncoding(text: string): void {
  if (/%(?![0-9a-f]{2})/i.test(text)) throw new GatewayFault('DEFAULT_4XX', 'the percent-encoding is malformed');
}

/** Bytes that are not UTF-8 become replacement characters, where decodeURIComponent would throw. */
function decodePercent(text: string): string {
  assertPercentEncoding(text);
  if (!text.includes('%')) return text;
  const bytes = text
    .split(/(%[0-9a-f]{2})/i)
    .map((piece) => (piece.startsWith('%') ? Buffer.from(piece.slice(1), 'hex') : Buffer.from(piece)));
  return Buffer.concat(bytes).toString('utf8');
}
