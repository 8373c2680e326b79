import { randomUUID } from 'node:crypto';
import jwt from 'jsonwebtoken';
import {
  type AccessTokenClaims,
  ALGORITHM,
  MAX_LIFETIME_SECONDS,
  TYPE,
} from '../../../shared/auth/verify-access-token.ts';
import { tokenAudience, tokenIssuer } from '../../../shared/config.ts';
import type { UserDocument } from '../../../shared/db/collections.ts';
import { currentSigningKey } from './access-token-key.ts';

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
    exp: iat + MAX_LIFETIME_SECONDS,
  };
  return jwt.sign(claims, key, { algorithm: ALGORITHM, header: { alg: ALGORITHM, typ: TYPE, kid } });
}
