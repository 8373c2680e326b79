import { isSessionAlive } from '../auth/session-alive.ts';
import type { AccessTokenClaims } from '../auth/verify-access-token.ts';
import type { Access, Grant } from './can-read.ts';

/** How a reader stands to a course, as the database has it now; their session and their account both exist. */
export interface Standing {
  readonly session: { readonly expiresAt: Date; readonly epoch: number };
  readonly account: { readonly tokenEpoch: number; readonly roles: readonly string[] };
  /** Null where no course of that id is published. */
  readonly access: Access | null;
  readonly grant: Grant | null;
}

/**
 * Whether an access token is still good for the session it was issued in: the session has not ended, and the account
 * has not ended all of its sessions since.
 * @param standing null when the session or the account is gone
 */
export function isSignedIn(
  standing: Standing | null,
  { ep }: Pick<AccessTokenClaims, 'ep'>,
  now: Date,
): standing is Standing {
  if (standing === null) return false;
  const { session, account } = standing;
  return isSessionAlive(session, account, now) && ep === account.tokenEpoch;
}
