import type { Role } from './roles.ts';

/** Named for the compiler's message to code that passes a `Principal`: "Property '[getItFromRequireCaller]' is missing". */
declare const getItFromRequireCaller: unique symbol;

/**
 * The account behind a request, confirmed to exist and to be signed in.
 *
 * `requireCaller` (shared/access/require-caller.ts) is the only way to get one. A `Principal` is less: its token proves
 * only that the session existed when the token was issued, up to 15 minutes ago, and the account may be erased since.
 */
export interface Caller {
  readonly userId: string;
  readonly sessionId: string;
  /** Roles of the account now, which may differ from those in the token. */
  readonly roles: readonly Role[];
  /** Exists in the type alone, so that an object literal is not a `Caller`. */
  readonly [getItFromRequireCaller]: true;
}

/** What decides whether a session has ended. */
export interface SessionEnd {
  readonly expiresAt: Date;
  /** Token epoch of the account when the session began. */
  readonly epoch: number;
}

/**
 * Tells whether a session is active: it has not expired, and the account has not ended all of its sessions since.
 * Check every session that you read: MongoDB's TTL index removes an expired document a minute late or more.
 */
export function isSessionAlive(session: SessionEnd, account: { readonly tokenEpoch: number }, now: Date): boolean {
  return now < session.expiresAt && session.epoch === account.tokenEpoch;
}
