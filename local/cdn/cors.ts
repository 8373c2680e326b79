export type CorsHeaders = Readonly<Record<string, string>>;

const METHODS = 'GET, HEAD, OPTIONS';

/** Headers that players and download managers send and that need a preflight. */
const REQUEST_HEADERS = 'Range, If-Range, If-None-Match, If-Modified-Since';

/** Headers that scripts must read to play by ranges. */
const EXPOSED_HEADERS = 'Accept-Ranges, Content-Length, Content-Range, ETag';

/**
 * The headers that a response headers policy with these origins adds. Players that send cookies need an answer for
 * their own origin with credentials allowed, which `*` does not provide. So with a list, other origins get no CORS
 * headers.
 *
 * CloudFront applies the policy to responses from its cache and from the origin (Amazon CloudFront Developer Guide,
 * "Add or remove HTTP headers in CloudFront responses with a policy"). Its own answers, such as the 403 to an expired
 * signature, reach browsers without CORS headers (video-dev/hls.js#354), so scripts see a network failure.
 */
export function corsHeaders(origin: string | undefined, allowedOrigins: readonly string[] | null): CorsHeaders {
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

/** Further headers of a preflight answer to an allowed origin. */
export const PREFLIGHT_HEADERS: CorsHeaders = {
  'Access-Control-Allow-Methods': METHODS,
  'Access-Control-Allow-Headers': REQUEST_HEADERS,
  'Access-Control-Max-Age': '600',
};
