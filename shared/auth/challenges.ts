import { type Problem, problem } from '../http/problem.ts';

/*
 * The three answers to a request that is not authenticated. Each is the same every time, whatever was wrong: a forger
 * learns nothing of how far a token got, and none carries a `cause`, which could quote the token into a log.
 */

/** No access token came with the request, so nothing is said of errors (RFC 6750 section 3.1). */
export function missingToken(): Problem {
  return problem('missing-token', {
    detail: 'Send an access token: Authorization: Bearer <token>.',
    headers: { 'WWW-Authenticate': 'Bearer' },
  });
}

/** What came is no access token of ours, or not for here (RFC 6750 section 3.1, `invalid_token`). */
export function invalidToken(): Problem {
  return problem('invalid-token', {
    detail: 'The access token is not valid.',
    headers: { 'WWW-Authenticate': 'Bearer error="invalid_token"' },
  });
}

/** The access token was good and its time is over: the client renews it and sends the request again. */
export function tokenExpired(): Problem {
  return problem('token-expired', {
    detail: 'The access token has expired.',
    headers: { 'WWW-Authenticate': 'Bearer error="invalid_token", error_description="The access token expired"' },
  });
}
