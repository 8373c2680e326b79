import { requireCaller } from '../../../shared/access/require-caller.ts';
import type { Caller } from '../../../shared/auth/caller.ts';
import type { UserDocument } from '../../../shared/db/collections.ts';
import type { Principal } from '../../../shared/http/handler.ts';
import { accountStage } from './account-repository.ts';

/** A caller and their account. */
export interface CallerWithAccount {
  readonly caller: Caller;
  readonly user: UserDocument;
}

/**
 * Confirms the caller and loads the whole account, in one round trip.
 * @throws Problem `invalid-token` or `unavailable`.
 */
export async function requireAccount(principal: Principal, now: Date): Promise<CallerWithAccount> {
  const { caller, row } = await requireCaller<{ readonly user: readonly UserDocument[] }>(principal, now, [
    accountStage(principal.userId),
  ]);
  const [user] = row.user;
  if (user === undefined) throw new Error('A confirmed caller has no account');
  return { caller, user };
}
