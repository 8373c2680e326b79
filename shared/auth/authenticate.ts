import { tokenAudience, tokenIssuer } from '../config.ts';
import type { Principal } from '../http/handler.ts';
import { problem } from '../http/problem.ts';
import { prepareBy } from '../prepare.ts';
import { bearerToken, type RequestHeaders } from './bearer.ts';
import { publicKeysFor } from './public-keys.ts';
import type { Role } from './roles.ts';
import { type AccessTokenClaims, ALGORITHM, keyIdOf, TYPE, verifyAccessToken } from './verify-access-token.ts';

/**
 * Authenticates a request for a route that requires a role. `createHandler` takes it as `authenticate`.
 *
 * A route requires exactly one role, and the token must carry it. Roles have no order: every account has `learner` from
 * its registration on, so a `learner` route is open to everyone who is signed in, authors and admins included.
 *
 * The token proves that the session was active when the token was issued, at most 15 minutes ago, without a database
 * query. `requireCaller` checks the session as it is now.
 * @throws Problem `missing-token`, `invalid-token` or `token-expired`; `forbidden` without the role; `unavailable` if
 * the public keys cannot be read.
 */
export async function authenticate(request: RequestHeaders, role: Role, now = new Date()): Promise<Principal> {
  const principal = principalOf(await presentedAccessToken(request, now));
  if (!principal.roles.includes(role)) {
    throw problem('forbidden', { detail: `This is for accounts with the role ${role}.` });
  }
  return principal;
}

/**
 * Verifies the access token of a request and returns its claims.
 * @throws Problem as {@link authenticate} does, except for `forbidden`.
 */
export async function presentedAccessToken(request: RequestHeaders, now = new Date()): Promise<AccessTokenClaims> {
  const token = bearerToken(request);
  const keys = await publicKeysFor(keyIdOf(token));
  return verifyAccessToken(token, { keys, issuer: tokenIssuer(), audience: tokenAudience(), now });
}

/** Returns the principal that the claims of a verified access token name. */
export function principalOf({ sub, sid, roles, ep }: AccessTokenClaims): Principal {
  return { userId: sub, sessionId: sid, roles, epoch: ep };
}

// Imports the keys, and compiles the code that each verification runs, with a token that lacks claims and a signature.
prepareBy(async () => {
  const keys = await publicKeysFor(null);
  const [kid] = keys.keys();
  const [header, payload] = [{ alg: ALGORITHM, typ: TYPE, kid }, {}].map((part) =>
    Buffer.from(JSON.stringify(part)).toString('base64url'),
  );
  const token = `${header}.${payload}.${'A'.repeat(86)}`;
  verifyAccessToken(token, { keys, issuer: tokenIssuer(), audience: tokenAudience(), now: new Date() });
});
