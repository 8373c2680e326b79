import { resetAnswerSeconds } from '../../../shared/config.ts';
import type { UserDocument } from '../../../shared/db/collections.ts';
import type { Input } from '../../../shared/http/contract.ts';
import { secret } from '../../../shared/secrets.ts';
import type { contract } from '../contract.ts';
import { knownNetworkHash, loginCounters, resetCounters } from '../limit/attempt-limits.ts';
import { countAttempt, refundAttempts } from '../limit/attempts.ts';
import { networkOf } from '../limit/network.ts';
import { passwordResetMail } from '../mail/letters.ts';
import { createMailedToken, invalidMailedToken, readMailedToken } from '../mail/mailed-token.ts';
import { sendMailIfPossible } from '../mail/send-mail.ts';
import { expectToken, isTokenExpected, resetPasswordHash } from '../user/account-repository.ts';
import { parseEmail } from '../user/email-address.ts';
import { findUserByEmailKey, rememberNetwork } from '../user/user-repository.ts';
import { hashPassword } from './password-hash.ts';
import { assertAcceptable } from './password-policy.ts';

type ResetBody = Input<(typeof contract)['routes']['POST /auth/password/reset']>['body'];

/**
 * Sends a link to choose a new password, if the address has an account. The answer takes a fixed time, which is longer
 * than sending a mail or failing to, so that it does not reveal whether there is an account.
 * @throws Problem `invalid-request` for an invalid address; `too-many-requests`.
 */
export async function requestPasswordReset(given: string, sourceIp: string, now = new Date()): Promise<undefined> {
  const { emailKey } = parseEmail(given);
  const network = networkOf(sourceIp);
  const limitKey = await secret('RATE_LIMIT_KEY');
  const user = await findUserByEmailKey(emailKey);
  const isKnown = user?.knownNetworks.includes(knownNetworkHash(limitKey, user._id, network)) ?? false;
  await countAttempt(resetCounters(limitKey, { emailKey, network, isKnown }), now);

  await Promise.all([user && sendResetLink(user, now), wait(resetAnswerSeconds())]);
}

function wait(seconds: number): Promise<void> {
  return new Promise((done) => {
    setTimeout(done, seconds * 1000);
  });
}

async function sendResetLink(user: UserDocument, now: Date): Promise<void> {
  const { token, pending } = createMailedToken('reset', user._id, now);
  await expectToken(user._id, 'reset', pending);
  const name = user.emailVerifiedAt === null ? null : user.name;
  await sendMailIfPossible('password reset', passwordResetMail({ to: user.email, name, token }));
}

/**
 * Sets a new password with the token from a mail, and ends every session of the account. From then on the account knows
 * the network of the request, so that failed sign-ins from elsewhere do not lock the learner out.
 * @throws Problem `invalid-token`; `invalid-request` for a common password.
 */
export async function resetPassword(
  { token, newPassword }: ResetBody,
  sourceIp: string,
  now = new Date(),
): Promise<undefined> {
  assertAcceptable(newPassword, '/newPassword');
  const presented = readMailedToken('reset', token);
  // Checked before the expensive hash; used up after it, in one atomic step, so that it works once.
  const isExpected = await isTokenExpected('reset', presented, now);
  const user = isExpected ? await resetPasswordHash(presented, await hashPassword(newPassword), now) : null;
  if (user === null) throw invalidMailedToken();

  const network = networkOf(sourceIp);
  const limitKey = await secret('RATE_LIMIT_KEY');
  const [own] = loginCounters(limitKey, { emailKey: user.emailKey, network, isKnown: true });
  await Promise.all([rememberNetwork(user._id, knownNetworkHash(limitKey, user._id, network)), refundAttempts([own])]);
}
