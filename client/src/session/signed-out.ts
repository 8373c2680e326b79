/**
 * Why nobody is signed in, or no longer the same learner:
 * - `signed-out`: by `signOut`, or nobody has signed in yet
 * - `other-tab`: by `signOut` in another tab
 * - `replaced`: another learner has signed in
 * - `expired`: the session was not used for too long, or is too old
 * - `ended`: the server ended it. The learner signed out on another device, changed the password or deleted the account, or
 *   somebody has a copy of a token. The server does not tell which.
 * - `storage`: what was stored cannot be read or was removed
 */
export type SignedOutReason = 'signed-out' | 'other-tab' | 'replaced' | 'expired' | 'ended' | 'storage';

/** The learner must sign in. Retrying does not help. */
export class SignedOut extends Error {
  override readonly name = 'SignedOut';
  readonly reason: SignedOutReason;

  constructor(reason: SignedOutReason) {
    super(`Nobody is signed in: ${reason}`);
    this.reason = reason;
  }
}
