import type { SessionDocument, UserDocument } from '../../../shared/db/collections.ts';
import type { Static } from '../../../shared/http/json-schema.ts';
import { secret } from '../../../shared/secrets.ts';
import type { tokens } from '../schemas.ts';
import { ISSUED_LIFETIME_SECONDS, issueAccessToken } from './issue-access-token.ts';
import { refreshToken } from './refresh-token.ts';

/** Issues an access token for a session, with its current refresh token. */
export async function issueTokens(
  user: UserDocument,
  session: SessionDocument,
  now: Date,
): Promise<Static<typeof tokens>> {
  const [accessToken, refreshKey] = await Promise.all([
    issueAccessToken(user, session._id, now),
    secret('REFRESH_KEY'),
  ]);
  return {
    accessToken,
    tokenType: 'Bearer',
    expiresIn: ISSUED_LIFETIME_SECONDS,
    refreshToken: refreshToken(refreshKey, session, session.generation),
    refreshExpiresIn: Math.floor((session.expiresAt.getTime() - now.getTime()) / 1000),
  };
}
