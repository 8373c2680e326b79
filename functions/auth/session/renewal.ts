import { refreshGraceSeconds } from '../../../shared/config.ts';
import type { Output } from '../../../shared/http/contract.ts';
import { logger } from '../../../shared/logger.ts';
import { secret } from '../../../shared/secrets.ts';
import type { contract } from '../contract.ts';
import { invalidRefreshToken } from '../refusals.ts';
import { tokensFor } from '../token/token-pair.ts';
import { judgeRotation } from './refresh-rotation.ts';
import { isAuthentic, parseRefreshToken } from './refresh-token.ts';
import { deleteSession, findSessionWithUser, rotateSession } from './session-repository.ts';

type RefreshRoute = (typeof contract)['routes']['POST /auth/refresh'];

/**
 * The next tokens of a session. Two round trips; one where a lost reply is repeated.
 * @throws Problem `invalid-token` for a token that gets nothing.
 */
export async function renewSession(refreshToken: string, now = new Date()): Promise<Output<RefreshRoute>> {
  const presented = parseRefreshToken(refreshToken);
  const found = await findSessionWithUser(presented.sessionId);
  if (found === null || !isAuthentic(await secret('REFRESH_KEY'), found.session, presented)) {
    throw invalidRefreshToken();
  }
  const { session, user } = found;
  const verdict = judgeRotation(found, presented.generation, { now, graceSeconds: refreshGraceSeconds() });

  switch (verdict.kind) {
    case 'rotate':
      // Of several at once one goes on; for the others the token is then the parent, and they answer the same.
      if ((await rotateSession(session, verdict.changes)) === 'changed') return renewSession(refreshToken, now);
      return { tokens: await tokensFor(user, { ...session, ...verdict.changes }, now) };
    case 'repeat':
      return { tokens: await tokensFor(user, session, now) };
    case 'replayed':
      await deleteSession(user._id, session._id);
      logger().warn('An old refresh token was used: its session is ended', { userId: user._id });
      throw invalidRefreshToken();
    case 'over':
      throw invalidRefreshToken();
  }
}
