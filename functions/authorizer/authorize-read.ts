import { type CourseAccess, canRead } from '../../shared/access/can-read.ts';
import { courseAccessStages } from '../../shared/access/course-access-repository.ts';
import { requireCaller } from '../../shared/access/require-caller.ts';
import { presentedAccessToken, principalOf } from '../../shared/auth/authenticate.ts';
import type { RequestHeaders } from '../../shared/auth/bearer.ts';
import type { AccessTokenClaims } from '../../shared/auth/verify-access-token.ts';

/** The sender of a request, and whether they may read what they ask for. */
export interface ReadDecision {
  readonly claims: AccessTokenClaims;
  readonly mayRead: boolean;
}

/**
 * Decides whether the sender of a request may read the lessons of a course. It checks the token first, because
 * that needs no query, then session, account, course and grant in one round trip.
 *
 * A course that does not exist is denied like one without a grant. So the answer does not reveal drafts, and API
 * Gateway caches no permission that would still hold for a course published a moment later.
 * @throws Problem `missing-token`, `invalid-token` or `token-expired`; `unavailable`.
 */
export async function authorizeRead(
  request: RequestHeaders,
  courseId: string,
  now = new Date(),
): Promise<ReadDecision> {
  const claims = await presentedAccessToken(request, now);
  const stages = courseAccessStages(courseId, claims.sub);
  const { caller, row } = await requireCaller<CourseAccess>(principalOf(claims), now, stages);
  return { claims, mayRead: row.access !== null && canRead(row.access, caller, row.grant, now) };
}
