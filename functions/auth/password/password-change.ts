import type { Input } from '../../../shared/http/contract.ts';
import type { Principal } from '../../../shared/http/handler.ts';
import { changePasswordHash } from '../account/account-repository.ts';
import type { contract } from '../contract.ts';
import { wrongPassword } from '../refusals.ts';
import { requireLiveSession } from '../session/live-session.ts';
import { requirePassword } from './password-check.ts';
import { hashPassword } from './password-hash.ts';
import { assertAcceptable } from './password-policy.ts';

type Body = Input<(typeof contract)['routes']['POST /auth/password']>['body'];

/**
 * Changes the password of whoever asks and knows it, and ends the account's other sessions.
 * @throws Problem `invalid-credentials`; `invalid-request` for a new password that anyone would try first.
 */
export async function changePassword(
  principal: Principal,
  { currentPassword, newPassword }: Body,
  now = new Date(),
): Promise<undefined> {
  assertAcceptable(newPassword, '/newPassword');
  const live = await requireLiveSession(principal, now);
  await requirePassword(live, currentPassword, now);

  const { session, user } = live;
  const toHash = await hashPassword(newPassword);
  const change = { userId: user._id, fromHash: user.passwordHash, toHash, keptSessionId: session._id };
  // Changed by somebody else in the meantime: then what was given is not the password any more.
  if ((await changePasswordHash(change, now)) === 'changed-meanwhile') throw wrongPassword();
}
