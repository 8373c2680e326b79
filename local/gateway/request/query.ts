import { GatewayError } from './gateway-error.ts';

/** Every value of each query parameter, decoded, in order. */
export type Query = ReadonlyMap<string, readonly string[]>;

/**
 * Parses a query as REST APIs do: decoded, with a plus sign as a space, and split at semicolons too ("Amazon API
 * Gateway important notes"). The map of single values and the cache key have the last of repeated values.
 * @throws GatewayError DEFAULT_4XX for an incomplete percent-encoding.
 */
export function parseQuery(query: string): Query {
  const parsed = new Map<string, string[]>();
  for (const part of query.split(/[&;]/)) {
    if (part === '') continue;
    const [name = '', ...value] = part.split('=').map((piece) => piece.replaceAll('+', ' '));
    const decoded = decodePercentEncoding(name);
    parsed.set(decoded, [...(parsed.get(decoded) ?? []), decodePercentEncoding(value.join('='))]);
  }
  return parsed;
}

/** @throws GatewayError DEFAULT_4XX for an incomplete percent-encoding. */
export function assertPercentEncoding(text: string): void {
  if (/%(?![0-9a-f]{2})/i.test(text)) throw new GatewayError('DEFAULT_4XX', 'the percent-encoding is malformed');
}

/** Invalid UTF-8 becomes replacement characters, where decodeURIComponent would throw. */
function decodePercentEncoding(text: string): string {
  assertPercentEncoding(text);
  if (!text.includes('%')) return text;
  const bytes = text
    .split(/(%[0-9a-f]{2})/i)
    .map((piece) => (piece.startsWith('%') ? Buffer.from(piece.slice(1), 'hex') : Buffer.from(piece)));
  return Buffer.concat(bytes).toString('utf8');
}
