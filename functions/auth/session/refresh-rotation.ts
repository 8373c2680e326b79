import type { ReplacedGeneration, SessionDocument, UserDocument } from '../../../shared/db/collections.ts';
import { isSameAttempt } from '../token/request-attempt.ts';
import { isAlive, nextEnd } from './session-life.ts';
import type { Rotation } from './session-repository.ts';

/** What to do with a session when one of its refresh tokens is presented. */
export type Verdict =
  /** The current token: advance to the next generation. */
  | { readonly kind: 'rotate'; readonly changes: Rotation }
  /** An older token, whose reply was lost or crossed another request: return the current token again. */
  | { readonly kind: 'repeat' }
  /** An older token, so somebody has a copy. Nobody can tell which of the two is the learner. */
  | { readonly kind: 'replayed' }
  /**
   * A later token than the current one, so the database was restored to a time before it was issued. The current token
   * was used up before, so only somebody with a copy can present it.
   */
  | { readonly kind: 'rolled-back' }
  /** The session has ended. */
  | { readonly kind: 'ended' };

/** An authentic refresh token, as presented. */
export interface Presentation {
  readonly generation: number;
  /** Hash of the attempt that the request names. Undefined if it names none. */
  readonly attemptHash?: string | undefined;
}

/** Most earlier rotations to remember: more than an app sends at once by mistake, few enough to store. */
const MAX_RECENT_ROTATIONS = 50;

/**
 * Decides about an authentic refresh token (RFC 9700 section 4.14.2, with two exceptions for lost replies).
 *
 * - A phone that lost the reply has only the token before the current one. If it names the attempt that made the
 *   current token, it gets the same answer as before, however late: only the client that made that attempt knows its
 *   id. Using the current token ends this.
 * - Requests that cross each other present older tokens. Each of those tokens gets the current one for `graceSeconds`
 *   after its own rotation, even without an attempt.
 *
 * Every other older token counts as theft. The grace period is short, because it also hides a thief. A later token is
 * refused too: taking it as current would make every token that was used since the restored time valid once more.
 */
export function judgeRotation(
  { session, user }: { readonly session: SessionDocument; readonly user: UserDocument },
  { generation, attemptHash }: Presentation,
  { now, graceSeconds }: { readonly now: Date; readonly graceSeconds: number },
): Verdict {
  if (!isAlive(session, user, now)) return { kind: 'ended' };
  if (generation > session.generation) return { kind: 'rolled-back' };

  const isRecent = ({ replacedAt }: ReplacedGeneration) => now.getTime() - replacedAt.getTime() <= graceSeconds * 1000;
  const replaced = replacedGenerations(session).filter(isRecent);

  if (generation === session.generation) {
    return {
      kind: 'rotate',
      changes: {
        generation: generation + 1,
        rotatedAt: now,
        attemptHash: attemptHash ?? null,
        recentRotations: replaced.slice(-MAX_RECENT_ROTATIONS),
        lastUsedAt: now,
        expiresAt: nextEnd(session.absoluteExpiresAt, now),
      },
    };
  }
  const isRetry = generation === session.generation - 1 && isSameAttempt(session.attemptHash, attemptHash);
  const isCrossing = replaced.some((each) => each.generation === generation);
  return { kind: isRetry || isCrossing ? 'repeat' : 'replayed' };
}

/** The generations whose time of replacement is known, oldest first. The last is the one before the current. */
function replacedGenerations({ generation, rotatedAt, recentRotations = [] }: SessionDocument) {
  return generation === 0 ? [] : [...recentRotations, { generation: generation - 1, replacedAt: rotatedAt }];
}
