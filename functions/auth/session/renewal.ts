import { refreshGraceSeconds } from '../../../shared/config.ts';
import type { Input, Output } from '../../../shared/http/contract.ts';
import { logger } from '../../../shared/logger.ts';
import { secret } from '../../../shared/secrets.ts';
import type { contract } from '../contract.ts';
import { invalidRefreshToken, isAuthentic, parseRefreshToken } from '../token/refresh-token.ts';
import { attemptHash } from '../token/request-attempt.ts';
import { issueTokens } from '../token/token-pair.ts';
import { judgeRotation } from './refresh-rotation.ts';
import { deleteSession, findSessionWithUser, rotateSession } from './session-repository.ts';

type RefreshRoute = (typeof contract)['routes']['POST /auth/refresh'];

/**
 * Renews the tokens of a session. Two round trips, or one if it repeats a lost reply.
 * @throws Problem `invalid-token` for a token that is refused.
 */
export async function renewSession(
  renewal: Input<RefreshRoute>['body'],
  now = new Date(),
): Promise<Output<RefreshRoute>> {
  const { refreshToken, attemptId } = renewal;
  const presented = parseRefreshToken(refreshToken);
  const { sessionId, generation } = presented;
  const [key, found] = await Promise.all([secret('REFRESH_KEY'), findSessionWithUser(sessionId)]);
  if (found === null || !isAuthentic(key, found.session, presented)) throw invalidRefreshToken();

  const { session, user } = found;
  const hash = attemptId && attemptHash(key, ['refresh', sessionId, String(generation)], attemptId);
  const verdict = judgeRotation(found, { generation, attemptHash: hash }, { now, graceSeconds: refreshGraceSeconds() });

  switch (verdict.kind) {
    case 'rotate':
      // Only one of several concurrent requests rotates. For the others the token is now the previous one: judge it
      // again.
      if ((await rotateSession(session, verdict.changes)) === 'changed') return renewSession(renewal, now);
      return { tokens: await issueTokens(user, { ...session, ...verdict.changes }, now) };
    case 'repeat':
      return { tokens: await issueTokens(user, session, now) };
    case 'replayed':
      await deleteSession(user._id, session._id);
      logger().warn('An old refresh token was used: session ended', { userId: user._id });
      throw invalidRefreshToken();
    case 'rolled-back':
      await deleteSession(user._id, session._id);
      logger().warn('A refresh token is later than its session, as after a restore of the database: session ended', {
        userId: user._id,
      });
      throw invalidRefreshToken();
    case 'ended':
      throw invalidRefreshToken();
  }
}
