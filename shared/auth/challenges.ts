import { type Problem, problem } from '../http/problem.ts';

/*
 * The three answers to an unauthenticated request. Each is always the same, so that a forger does not learn how far a
 * token got. None has a `cause`, which could quote the token in a log.
 */

/** The request has no access token, so the challenge has no error code (RFC 6750 section 3.1). */
export function missingToken(): Problem {
  return problem('missing-token', {
    detail: 'Send an access token: Authorization: Bearer <token>.',
    headers: { 'WWW-Authenticate': 'Bearer' },
  });
}

/** The token is not one of our access tokens, or not for this service (RFC 6750 section 3.1, `invalid_token`). */
export function invalidToken(): Problem {
  return problem('invalid-token', {
    detail: 'The access token is not valid.',
    headers: { 'WWW-Authenticate': 'Bearer error="invalid_token"' },
  });
}

/** The access token was valid but is too old, or lives too long. The client renews it and repeats the request. */
export function tokenExpired(): Problem {
  return problem('token-expired', {
    detail: 'The access token has expired.',
    headers: { 'WWW-Authenticate': 'Bearer error="invalid_token", error_description="The access token expired"' },
  });
}
