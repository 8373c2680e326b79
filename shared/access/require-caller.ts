import { type Caller, isSessionAlive } from '../auth/caller.ts';
import { invalidToken } from '../auth/challenges.ts';
import type { Principal } from '../http/handler.ts';
import { type CallerRow, findCaller, type Stage, touchAccount } from './caller-repository.ts';

/** The caller, and what the further stages found. */
export interface ConfirmedCaller<Row> {
  readonly caller: Caller;
  /** The database's clock when it answered. */
  readonly asOf: Date;
  /** The caller's own row, with what `$lookup` stages added. */
  readonly row: Row;
  /** Rows that `$unionWith` stages added. */
  readonly furtherRows: readonly Row[];
}

/**
 * Confirms that the session and the account of a principal still exist, and returns the caller. Every route calls it,
 * unless its contract says `tokenOnly`. One round trip.
 * @param furtherStages stages of the same aggregate that load what the service needs besides: `$lookup` stages add
 * fields to `row`, `$unionWith` stages add `furtherRows`
 * @throws Problem `invalid-token` when the session has ended or the account is gone; `unavailable`.
 */
export async function requireCaller<Row extends object = object>(
  principal: Principal,
  now: Date,
  furtherStages: readonly Stage[] = [],
): Promise<ConfirmedCaller<Row>> {
  const rows = await findCaller<Row>(principal, furtherStages);
  if (rows === null || !isSignedIn(rows[0], principal, now)) throw invalidToken();
  const [row, ...furtherRows] = rows;
  const { userId, sessionId } = principal;
  // The one place that makes a caller. The account's roles count: a role that was taken away is gone now.
  const caller = { userId, sessionId, roles: row.account.roles } as Caller;
  return { caller, asOf: row.asOf, row, furtherRows };
}

/**
 * Confirms the caller once more after the first write of a document that belongs to them. An erasure of the account at
 * the same moment may have missed that document; then the account is gone, and `undo` removes what was written.
 * @throws Problem `invalid-token` when the account is gone; `unavailable`.
 */
export async function confirmAfterFirstWrite(caller: Caller, undo: () => Promise<void>): Promise<void> {
  if (await touchAccount(caller.userId)) return;
  await undo();
  throw invalidToken();
}

/** Tells whether the session is active and the token belongs to the account's current epoch. */
export function isSignedIn(
  row: Pick<CallerRow, 'session' | 'account'> | null,
  { epoch }: Pick<Principal, 'epoch'>,
  now: Date,
): boolean {
  return row !== null && isSessionAlive(row.session, row.account, now) && epoch === row.account.tokenEpoch;
}
