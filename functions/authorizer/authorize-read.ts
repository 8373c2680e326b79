import { findStanding } from '../../shared/access/access-repository.ts';
import { canRead } from '../../shared/access/can-read.ts';
import { isSignedIn } from '../../shared/access/standing.ts';
import { presentedAccessToken } from '../../shared/auth/authenticate.ts';
import type { RequestHeaders } from '../../shared/auth/bearer.ts';
import { invalidToken } from '../../shared/auth/challenges.ts';
import type { AccessTokenClaims } from '../../shared/auth/verify-access-token.ts';

/** Who asks, and whether they may have what they ask for. */
export interface ReadVerdict {
  readonly claims: AccessTokenClaims;
  readonly mayRead: boolean;
}

/**
 * Whether whoever sent a request may read the lessons of a course: by their token first, which costs nothing, then by
 * what the database has now of session, account, course and grant.
 *
 * A course that does not exist is refused like one without a grant. So nothing is said of drafts, and no leave to read
 * is kept that would hold for a course published a moment later.
 * @throws Problem `missing-token`, `invalid-token` or `token-expired`; `unavailable`.
 */
export async function authorizeRead(request: RequestHeaders, courseId: string, now = new Date()): Promise<ReadVerdict> {
  const claims = await presentedAccessToken(request, now);
  const standing = await findStanding({ sessionId: claims.sid, userId: claims.sub, courseId });
  if (!isSignedIn(standing, claims, now)) throw invalidToken();

  // The roles of the account, not of the token: one that was taken away is gone now and not in 15 minutes.
  const { access, account, grant } = standing;
  return { claims, mayRead: access !== null && canRead(access, account, grant, now) };
}
