import { type Problem, problem } from '../../shared/http/problem.ts';

/** The answer to an unknown address and to a wrong password: the same, so that neither tells who has an account. */
export function invalidCredentials(): Problem {
  return problem('invalid-credentials', {
    detail: 'The e-mail address or the password is wrong.',
    headers: { 'WWW-Authenticate': 'Bearer' },
  });
}

/** The answer to a wrong password of somebody who is signed in and asked for it once more. */
export function wrongPassword(): Problem {
  return problem('invalid-credentials', {
    detail: 'The password is wrong.',
    headers: { 'WWW-Authenticate': 'Bearer' },
  });
}

/** The answer to every token from a mail that does nothing: used, replaced, too old or never made is not said. */
export function invalidMailedToken(): Problem {
  return problem('invalid-token', {
    detail: 'The link is not valid any more. Ask for a new one.',
    headers: { 'WWW-Authenticate': 'Bearer error="invalid_token"' },
  });
}

/** The answer to every refresh token that gets nothing, whatever is wrong with it. */
export function invalidRefreshToken(): Problem {
  return problem('invalid-token', {
    detail: 'The refresh token is not valid.',
    headers: { 'WWW-Authenticate': 'Bearer error="invalid_token"' },
  });
}

/** The answer to a field of the body whose form a schema cannot tell. */
export function invalidField(pointer: `/${string}`, message: string): Problem {
  return problem('invalid-request', {
    detail: 'The body of the request is not valid.',
    errors: [{ in: 'body', pointer, message }],
  });
}
