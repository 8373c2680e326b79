import type { UserDocument } from '../../../shared/db/collections.ts';
import type { Principal } from '../../../shared/http/handler.ts';
import { secret } from '../../../shared/secrets.ts';
import { verificationCounters } from '../limit/attempt-limits.ts';
import { countAttempt } from '../limit/attempts.ts';
import { networkOf } from '../limit/network.ts';
import { expectFirstVerification, expectToken, verifyAddress } from '../user/account-repository.ts';
import { requireAccount } from '../user/require-account.ts';
import { verificationMail } from './letters.ts';
import { createMailedToken, invalidMailedToken, readMailedToken } from './mailed-token.ts';
import { sendMailIfPossible } from './send-mail.ts';

/**
 * Verifies an address by the token that was mailed to it.
 * @throws Problem `invalid-token`.
 */
export async function verifyEmail(token: string, now = new Date()): Promise<undefined> {
  const outcome = await verifyAddress(readMailedToken('verify', token), now);
  if (outcome === 'not-expected') throw invalidMailedToken();
}

/**
 * Sends the caller another link to verify the address, unless it is verified already. It replaces the earlier link.
 * @throws Problem `too-many-requests`.
 */
export async function requestVerification(
  principal: Principal,
  sourceIp: string,
  now = new Date(),
): Promise<undefined> {
  const { user } = await requireAccount(principal, now);
  if (user.emailVerifiedAt !== null) return;
  await countAttempt(verificationCounters(await secret('RATE_LIMIT_KEY'), user._id, networkOf(sourceIp)), now);
  const { token, pending } = createMailedToken('verify', user._id, now);
  await expectToken(user._id, 'verify', pending);
  await mailVerification(user, token);
}

/** Asks a new learner to verify the address, unless another try of the same registration has done so. */
export async function sendFirstVerification(user: UserDocument, now: Date): Promise<void> {
  const { token, pending } = createMailedToken('verify', user._id, now);
  if ((await expectFirstVerification(user._id, pending)) === 'stored') await mailVerification(user, token);
}

/** An account works without a verified address, so the request succeeds even if the mail cannot be sent. */
async function mailVerification({ email }: UserDocument, token: string): Promise<void> {
  await sendMailIfPossible('verification', verificationMail({ to: email, name: null, token }));
}
