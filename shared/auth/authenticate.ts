import { tokenAudience, tokenIssuer } from '../config.ts';
import type { Principal } from '../http/handler.ts';
import { problem } from '../http/problem.ts';
import { bearerToken, type RequestHeaders } from './bearer.ts';
import { publicKeysFor } from './public-keys.ts';
import type { Role } from './roles.ts';
import { type AccessTokenClaims, keyIdOf, verifyAccessToken } from './verify-access-token.ts';

/**
 * Who sent a request, for a route of the given role: what `createHandler` takes as `authenticate`.
 *
 * A route asks for exactly one role and the token must carry it. There is no order among roles: every account has
 * `learner` from its registration on, so a `learner` route is open to whoever is signed in, authors and admins too.
 *
 * The token proves that the session was good when it was issued, at most 15 minutes ago, without a look into the
 * database; what must not wait that long reads the session.
 * @throws Problem `missing-token`, `invalid-token` or `token-expired`; `forbidden` without the role; `unavailable` when
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
 * The claims of the access token that came with a request, for who needs more than {@link authenticate} tells.
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
