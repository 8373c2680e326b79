import { resetAnswerSeconds } from '../../../shared/config.ts';
import type { UserDocument } from '../../../shared/db/collections.ts';
import type { Input } from '../../../shared/http/contract.ts';
import { secret } from '../../../shared/secrets.ts';
import { expectToken, isTokenExpected, resetPasswordHash } from '../account/account-repository.ts';
import { parseEmail } from '../account/email-address.ts';
import { findUserByEmailKey, rememberNetwork } from '../account/user-repository.ts';
import type { contract } from '../contract.ts';
import { knownNetworkHash, loginCounters, resetCounters } from '../limit/attempt-limits.ts';
import { countAttempt, forgiveAttempts } from '../limit/attempts.ts';
import { networkOf } from '../limit/network.ts';
import { passwordResetMail } from '../mail/letters.ts';
import { createMailedToken, readMailedToken } from '../mail/mailed-token.ts';
import { sendMailIfPossible } from '../mail/send-mail.ts';
import { invalidMailedToken } from '../refusals.ts';
import { hashPassword } from './password-hash.ts';
import { assertAcceptable } from './password-policy.ts';

type ResetBody = Input<(typeof contract)['routes']['POST /auth/password/reset']>['body'];

/**
 * Sends a link to choose a new password, if there is an account to send it to. The answer comes after a fixed time, which
 * is longer than a mail takes to be sent or given up: whether there was one cannot be told from it.
 * @throws Problem `invalid-request` for what is no address; `too-many-requests`.
 */
export async function requestPasswordReset(given: string, sourceIp: string, now = new Date()): Promise<undefined> {
  const { emailKey } = parseEmail(given);
  const network = networkOf(sourceIp);
  const limitKey = await secret('RATE_LIMIT_KEY');
  const user = await findUserByEmailKey(emailKey);
  const isKnown = user?.knownNetworks.includes(knownNetworkHash(limitKey, user._id, network)) ?? false;
  await countAttempt(resetCounters(limitKey, { emailKey, network, isKnown }), now);

  await Promise.all([user && sendResetLink(user, now), passing(resetAnswerSeconds())]);
}

function passing(seconds: number): Promise<void> {
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
 * Sets a new password for whoever got the link, and ends every session of the account. The network it comes from is one
 * that the account knows from then on, so that nobody's failures elsewhere keep its learner from signing in.
 * @throws Problem `invalid-token`; `invalid-request` for a new password that anyone would try first.
 */
export async function resetPassword(
  { token, newPassword }: ResetBody,
  sourceIp: string,
  now = new Date(),
): Promise<undefined> {
  assertAcceptable(newPassword, '/newPassword');
  const presented = readMailedToken('reset', token);
  // Looked at before the hash is made, which is dear; used up after, in one step, so that it is good once.
  const isExpected = await isTokenExpected('reset', presented, now);
  const user = isExpected ? await resetPasswordHash(presented, await hashPassword(newPassword), now) : null;
  if (user === null) throw invalidMailedToken();

  const network = networkOf(sourceIp);
  const limitKey = await secret('RATE_LIMIT_KEY');
  const [own] = loginCounters(limitKey, { emailKey: user.emailKey, network, isKnown: true });
  await Promise.all([rememberNetwork(user._id, knownNetworkHash(limitKey, user._id, network)), forgiveAttempts([own])]);
}
