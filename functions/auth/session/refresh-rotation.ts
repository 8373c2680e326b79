import type { SessionDocument, UserDocument } from '../../../shared/db/collections.ts';
import { isAlive, nextEnd } from './session-life.ts';

/** What to do with a session when one of its refresh tokens is presented. */
export type Verdict =
  /** The current token: advance to the next generation. */
  | { readonly kind: 'rotate'; readonly changes: RotationChanges }
  /** The parent of the current token, whose reply was just lost: return the current token again. */
  | { readonly kind: 'repeat' }
  /** An older token, so somebody has a copy. Nobody can tell which of the two is the learner. */
  | { readonly kind: 'replayed' }
  /** The session has ended. */
  | { readonly kind: 'over' };

type RotationChanges = Pick<SessionDocument, 'generation' | 'rotatedAt' | 'lastUsedAt' | 'expiresAt'>;

/**
 * Decides about an authentic refresh token (RFC 9700 section 4.14.2, with a grace period).
 *
 * A phone that lost the reply has only the parent of the current token. For `graceSeconds` after the rotation the parent gets
 * the same answer as before. After that it counts as theft, and so does every older token.
 * @param generation of the presented token
 */
export function judgeRotation(
  { session, user }: { readonly session: SessionDocument; readonly user: UserDocument },
  generation: number,
  { now, graceSeconds }: { readonly now: Date; readonly graceSeconds: number },
): Verdict {
  // We never issued a future generation: the database was restored from a backup.
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
