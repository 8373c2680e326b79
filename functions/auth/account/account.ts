import { invalidToken } from '../../../shared/auth/challenges.ts';
import { Reply } from '../../../shared/http/answer.ts';
import type { Input, Output } from '../../../shared/http/contract.ts';
import type { Principal } from '../../../shared/http/handler.ts';
import type { contract } from '../contract.ts';
import { requirePassword } from '../password/password-check.ts';
import { requireLiveSession } from '../session/live-session.ts';
import { eraseAccount, findAccountData, updateProfile } from './account-repository.ts';
import { profileOf } from './profile.ts';

type Routes = (typeof contract)['routes'];
type Profile = Output<Routes['GET /auth/me']>;
type ProfileChange = Input<Routes['PATCH /auth/me']>['body'];
type AccountData = Output<Routes['GET /auth/me/export']>;

/** The account of whoever asks. */
export async function showAccount(principal: Principal, now = new Date()): Promise<Profile> {
  const { user } = await requireLiveSession(principal, now);
  return profileOf(user);
}

/** Changes what is given of name and language. */
export async function changeProfile(
  principal: Principal,
  { name, language }: ProfileChange,
  now = new Date(),
): Promise<Profile> {
  const { user } = await requireLiveSession(principal, now);
  const changed = await updateProfile(user._id, { name: name?.trim(), language, updatedAt: now });
  if (changed === null) throw invalidToken();
  return profileOf(changed);
}

/** Everything held about whoever asks, to be saved as a file. */
export async function exportAccount(principal: Principal, now = new Date()): Promise<Reply<AccountData>> {
  const { user } = await requireLiveSession(principal, now);
  const data = { exportedAt: now.toISOString(), collections: await findAccountData(user._id) };
  return new Reply(200, data, { 'Content-Disposition': 'attachment; filename="lectern-account.json"' });
}

/** Removes the account of whoever asks and everything held about it. Its sessions go with it. */
export async function deleteAccount(principal: Principal, password: string, now = new Date()): Promise<undefined> {
  const live = await requireLiveSession(principal, now);
  await requirePassword(live, password, now);
  await eraseAccount(live.user._id);
}
