import { requireCaller } from '../../../shared/access/require-caller.ts';
import { invalidToken } from '../../../shared/auth/challenges.ts';
import { Reply } from '../../../shared/http/answer.ts';
import type { Input, Output } from '../../../shared/http/contract.ts';
import type { Principal } from '../../../shared/http/handler.ts';
import { logger } from '../../../shared/logger.ts';
import type { contract } from '../contract.ts';
import { confirmPassword } from '../password/confirm-password.ts';
import { eraseAccount, findAccountData, updateProfile } from '../user/account-repository.ts';
import { profileOf } from '../user/profile.ts';
import { requireAccount } from '../user/require-account.ts';

type Routes = (typeof contract)['routes'];
type Profile = Output<Routes['GET /auth/me']>;
type ProfileChange = Input<Routes['PATCH /auth/me']>['body'];
type AccountData = Output<Routes['GET /auth/me/export']>;

/** Returns the caller's own account. */
export async function showAccount(principal: Principal, now = new Date()): Promise<Profile> {
  const { user } = await requireAccount(principal, now);
  return profileOf(user);
}

/** Changes the name, the language, or both. */
export async function changeProfile(
  principal: Principal,
  { name, language }: ProfileChange,
  now = new Date(),
): Promise<Profile> {
  const { caller } = await requireCaller(principal, now);
  const changed = await updateProfile(caller, { name: name?.trim(), language, updatedAt: now });
  if (changed === null) throw invalidToken();
  return profileOf(changed);
}

/** Returns everything stored about the caller, as a file to save. */
export async function exportAccount(principal: Principal, now = new Date()): Promise<Reply<AccountData>> {
  const { caller } = await requireCaller(principal, now);
  const data = { exportedAt: now.toISOString(), collections: await findAccountData(caller) };
  return new Reply(200, data, { 'Content-Disposition': 'attachment; filename="lectern-account.json"' });
}

/**
 * Deletes the caller's account and everything stored about it, sessions included. Logs the id, so that operators can
 * repeat the erasure after a restore of the database to a time before it.
 */
export async function deleteAccount(principal: Principal, password: string, now = new Date()): Promise<undefined> {
  const account = await requireAccount(principal, now);
  await confirmPassword(account, password, now);
  await eraseAccount(account.caller);
  logger().info('Account erased', { userId: account.caller.userId });
}
