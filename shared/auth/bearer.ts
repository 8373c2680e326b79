import { invalidToken, missingToken } from './challenges.ts';

/** The headers of a request, as in the events of functions and authorizers. */
export interface RequestHeaders {
  readonly headers: Readonly<Record<string, string | undefined>> | null;
  readonly multiValueHeaders: Readonly<Record<string, readonly string[] | undefined>> | null;
}

/** `Bearer` in any case (RFC 9110 section 11.1), spaces, and a b64token (RFC 6750 section 2.1). */
const CREDENTIALS = /^bearer +([\w.~+/-]+=*)$/i;

/**
 * Reads the bearer token from the Authorization header. It ignores tokens anywhere else (in the query, a cookie or the
 * body), because those end up in logs and browsers send them unasked (RFC 6750 section 5.3).
 * @throws Problem `missing-token` without the header; `invalid-token` if there are two (RFC 9110 section 5.3 allows
 * one), or if the value is not `Bearer <token>`.
 */
export function bearerToken(request: RequestHeaders): string {
  const [value, ...others] = authorizationValues(request);
  if (value === undefined) throw missingToken();
  const token = CREDENTIALS.exec(value)?.[1];
  if (token === undefined || others.length > 0) throw invalidToken();
  return token;
}

/** `headers` has only the last value of a repeated header, so it counts only in events without `multiValueHeaders`. */
function authorizationValues({ headers, multiValueHeaders }: RequestHeaders): readonly string[] {
  const repeated = named(multiValueHeaders).flat();
  return repeated.length > 0 ? repeated : named(headers);
}

function named<Value>(headers: Readonly<Record<string, Value | undefined>> | null): Value[] {
  return Object.entries(headers ?? {}).flatMap(([name, value]) =>
    name.toLowerCase() === 'authorization' && value !== undefined ? [value] : [],
  );
}
