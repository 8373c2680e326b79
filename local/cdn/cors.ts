type Headers = Readonly<Record<string, string>>;

const METHODS = 'GET, HEAD, OPTIONS';

/** What players and download managers send, besides what needs no leave. */
const REQUEST_HEADERS = 'Range, If-Range, If-None-Match, If-Modified-Since';

/** What scripts must read to play in pieces. */
const EXPOSED_HEADERS = 'Accept-Ranges, Content-Length, Content-Range, ETag';

/**
 * The headers that a response headers policy with these origins adds. Players that send cookies need an answer for their
 * own origin with credentials allowed, which `*` does not serve; so where there is a list, no other origin gets an answer.
 */
export function corsHeaders(origin: string | undefined, allowedOrigins: readonly string[] | null): Headers {
  if (allowedOrigins === null) {
    return { 'Access-Control-Allow-Origin': '*', 'Access-Control-Expose-Headers': EXPOSED_HEADERS };
  }
  if (origin === undefined || !allowedOrigins.includes(origin)) return { Vary: 'Origin' };
  return {
    'Access-Control-Allow-Origin': origin,
    'Access-Control-Allow-Credentials': 'true',
    'Access-Control-Expose-Headers': EXPOSED_HEADERS,
    Vary: 'Origin',
  };
}

/** What the answer of a preflight has besides, where the origin gets one. */
export const PREFLIGHT_HEADERS: Headers = {
  'Access-Control-Allow-Methods': METHODS,
  'Access-Control-Allow-Headers': REQUEST_HEADERS,
  'Access-Control-Max-Age': '600',
};
