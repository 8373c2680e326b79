import type { Input } from '../../../shared/http/contract.ts';
import type { Principal } from '../../../shared/http/handler.ts';
import type { contract } from '../contract.ts';
import { changePasswordHash } from '../user/account-repository.ts';
import { requireAccount } from '../user/require-account.ts';
import { confirmPassword, wrongPassword } from './confirm-password.ts';
import { hashPassword } from './password-hash.ts';
import { assertAcceptable } from './password-policy.ts';

type Body = Input<(typeof contract)['routes']['POST /auth/password']>['body'];

/**
 * Changes the password of a caller who knows the current one, and ends the account's other sessions.
 * @throws Problem `invalid-credentials`; `invalid-request` for a common password.
 */
export async function changePassword(
  principal: Principal,
  { currentPassword, newPassword }: Body,
  now = new Date(),
): Promise<undefined> {
  assertAcceptable(newPassword, '/newPassword');
  const account = await requireAccount(principal, now);
  await confirmPassword(account, currentPassword, now);

  const { caller, user } = account;
  const change = { fromHash: user.passwordHash, toHash: await hashPassword(newPassword) };
  // Another request changed the password meanwhile, so the one that was given is no longer the password.
  if ((await changePasswordHash(caller, change, now)) === 'changed-meanwhile') throw wrongPassword();
}
