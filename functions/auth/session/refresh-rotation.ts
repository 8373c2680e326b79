import type { SessionDocument, UserDocument } from '../../../shared/db/collections.ts';
import { isAlive, nextEnd } from './session-life.ts';

/** What is to be done with a session whose refresh token came in. */
export type Verdict =
  /** It is the current token: go on to the next generation. */
  | { readonly kind: 'rotate'; readonly changes: RotationChanges }
  /** It is the parent of the current token, and the reply with that was just lost: answer the current token again. */
  | { readonly kind: 'repeat' }
  /** Somebody else has, or had, a copy: whose the session is cannot be told any more. */
  | { readonly kind: 'replayed' }
  /** There is nothing to renew. */
  | { readonly kind: 'over' };

type RotationChanges = Pick<SessionDocument, 'generation' | 'rotatedAt' | 'lastUsedAt' | 'expiresAt'>;

/**
 * Judges a refresh token that is proved to be one of the session's (RFC 9700 section 4.14.2, with a grace period).
 *
 * A phone that lost the reply has only the parent of the current token. For `graceSeconds` after the rotation the
 * parent is as good as the current one and gets the same answer; after that, and for all older tokens, it is theft.
 * @param generation the one the token is of
 */
export function judgeRotation(
  { session, user }: { readonly session: SessionDocument; readonly user: UserDocument },
  generation: number,
  { now, graceSeconds }: { readonly now: Date; readonly graceSeconds: number },
): Verdict {
  // A generation to come was never given out: the database went back in time, and the session with it.
  if (!isAlive(session, user, now) || generation > session.generation) return { kind: 'over' };

  if (generation === session.generation) {
    return {
      kind: 'rotate',
      changes: {
        generation: generation + 1,
        rotatedAt: now,
        lastUsedAt: now,
        expiresAt: nextEnd(session.absoluteExpiresAt, now),
      },
    };
  }
  const sinceRotationMs = now.getTime() - session.rotatedAt.getTime();
  const isLostReply = generation === session.generation - 1 && sinceRotationMs <= graceSeconds * 1000;
  return { kind: isLostReply ? 'repeat' : 'replayed' };
}
