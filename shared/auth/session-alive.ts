/** What of a session says when it is over. */
interface SessionEnd {
  readonly expiresAt: Date;
  /** The epoch of its account when it began. */
  readonly epoch: number;
}

/**
 * Whether a session has neither expired nor been left behind by its account's epoch, which ends all sessions at once.
 * Asked of each session that is read: documents past their time stay until the TTL index is worked off, a minute and more.
 */
export function isSessionAlive(session: SessionEnd, account: { readonly tokenEpoch: number }, now: Date): boolean {
  return now < session.expiresAt && session.epoch === account.tokenEpoch;
}
