import type { APIGatewayProxyEvent } from 'aws-lambda';
import { problem } from './problem.ts';

/** Largest accepted body, in bytes. A batch of 500 progress events has about 100 KiB. */
const MAX_BODY_BYTES = 256 * 1024;

const JSON_MEDIA_TYPE = /^application\/json\s*(;\s*charset\s*=\s*"?utf-8"?\s*)?$/i;

const decoder = new TextDecoder('utf-8', { fatal: true });

/**
 * Parses the JSON body.
 * @throws Problem `unsupported-media-type`, `payload-too-large` or `invalid-json`.
 */
export function parseBody(event: APIGatewayProxyEvent): unknown {
  if (!JSON_MEDIA_TYPE.test(header(event, 'content-type') ?? '')) {
    throw problem('unsupported-media-type', { detail: 'The body must be application/json in UTF-8.' });
  }
  const body = event.isBase64Encoded ? Buffer.from(event.body ?? '', 'base64') : (event.body ?? '');
  if (Buffer.byteLength(body) > MAX_BODY_BYTES) {
    throw problem('payload-too-large', { detail: `The body is larger than ${MAX_BODY_BYTES / 1024} KiB.` });
  }
  try {
    return JSON.parse(typeof body === 'string' ? body : decoder.decode(body));
  } catch (cause) {
    throw problem('invalid-json', { detail: 'The body is not valid JSON in UTF-8.', cause });
  }
}

/** Returns a request header by its lower-case name. API Gateway passes names on in the case that the client sent. */
export function header(event: APIGatewayProxyEvent, name: string): string | undefined {
  const headers = event.headers ?? {};
  const given = Object.keys(headers).find((key) => key.length === name.length && key.toLowerCase() === name);
  return given === undefined ? undefined : headers[given];
}

/**
 * Returns the query parameters by name, as text.
 *
 * On a cached route only cache keys may affect the answer, or an answer could be stored under somebody else's key. So
 * undeclared parameters are dropped, and the last value of a repeated one counts, which is the one in API Gateway's
 * cache key. On other routes both are errors of the client.
 * @throws Problem `invalid-request` for a repeated parameter on an uncached route.
 */
export function parseQuery(
  event: APIGatewayProxyEvent,
  route: { readonly cacheSeconds: number | null; readonly queryNames: readonly string[] },
): Record<string, string> {
  const given = event.queryStringParameters ?? {};
  if (route.cacheSeconds !== null) {
    return Object.fromEntries(
      route.queryNames.flatMap((name) => {
        const value = Object.hasOwn(given, name) ? given[name] : undefined;
        return value === undefined ? [] : [[name, value]];
      }),
    );
  }
  const repeated = Object.entries(event.multiValueQueryStringParameters ?? {}).filter(
    ([, values]) => (values?.length ?? 0) > 1,
  );
  if (repeated.length > 0) {
    throw problem('invalid-request', {
      detail: 'The query of the request is not valid.',
      errors: repeated.map(([name]) => ({ in: 'query', pointer: `/${name}`, message: 'must be given once' })),
    });
  }
  return Object.fromEntries(
    Object.entries(given).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}
