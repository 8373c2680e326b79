import { randomUUID } from 'node:crypto';
import jwt from 'jsonwebtoken';
import { type AccessTokenClaims, ALGORITHM, TYPE } from '../../../shared/auth/verify-access-token.ts';
import { tokenAudience, tokenIssuer } from '../../../shared/config.ts';
import type { UserDocument } from '../../../shared/db/collections.ts';
import { currentSigningKey } from './access-token-key.ts';

/**
 * Lifetime of a new access token, in seconds: short, because a signed token cannot be recalled. At most
 * `MAX_ACCEPTED_LIFETIME_SECONDS`, beyond which verifiers refuse tokens.
 */
export const ISSUED_LIFETIME_SECONDS = 900;

/** Issues an access token for one session of an account. shared/auth/verify-access-token.ts verifies it. */
export async function issueAccessToken(user: UserDocument, sessionId: string, now: Date): Promise<string> {
  const { kid, key } = await currentSigningKey();
  const iat = Math.floor(now.getTime() / 1000);
  const claims: AccessTokenClaims = {
    iss: tokenIssuer(),
    aud: tokenAudience(),
    sub: user._id,
    sid: sessionId,
    jti: randomUUID(),
    ep: user.tokenEpoch,
    roles: user.roles,
    iat,
    exp: iat + ISSUED_LIFETIME_SECONDS,
  };
  return jwt.sign(claims, key, { algorithm: ALGORITHM, header: { alg: ALGORITHM, typ: TYPE, kid } });
}
