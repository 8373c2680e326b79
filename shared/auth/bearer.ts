import { invalidToken, missingToken } from './challenges.ts';

/** The headers of a request, as both a function's and an authorizer's event hold them. */
export interface RequestHeaders {
  readonly headers: Readonly<Record<string, string | undefined>> | null;
  readonly multiValueHeaders: Readonly<Record<string, readonly string[] | undefined>> | null;
}

/** `Bearer` in any case (RFC 9110 section 11.1), spaces, and a b64token (RFC 6750 section 2.1). */
const CREDENTIALS = /^bearer +([\w.~+/-]+=*)$/i;

/**
 * The bearer token of a request: what its one Authorization header holds. A token anywhere else, in the query, a cookie
 * or the body, is not looked at, since those are logged, stored and sent along by browsers (RFC 6750 section 5.3).
 * @throws Problem `missing-token` without the header; `invalid-token` for two of them (RFC 9110 section 5.3 allows one),
 * for another scheme and for anything else that is not `Bearer <token>`.
 */
export function bearerToken(request: RequestHeaders): string {
  const [value, ...others] = authorizationValues(request);
  if (value === undefined) throw missingToken();
  const token = CREDENTIALS.exec(value)?.[1];
  if (token === undefined || others.length > 0) throw invalidToken();
  return token;
}

/** `headers` has only the last of a repeated header, so it counts only in an event that has nothing else. */
function authorizationValues({ headers, multiValueHeaders }: RequestHeaders): readonly string[] {
  const repeated = named(multiValueHeaders).flat();
  return repeated.length > 0 ? repeated : named(headers);
}

function named<Value>(headers: Readonly<Record<string, Value | undefined>> | null): Value[] {
  return Object.entries(headers ?? {}).flatMap(([name, value]) =>
    name.toLowerCase() === 'authorization' && value !== undefined ? [value] : [],
  );
}
