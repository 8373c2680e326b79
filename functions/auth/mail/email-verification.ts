import type { UserDocument } from '../../../shared/db/collections.ts';
import { expectToken, verifyAddress } from '../account/account-repository.ts';
import { invalidMailedToken } from '../refusals.ts';
import { verificationMail } from './letters.ts';
import { createMailedToken, readMailedToken } from './mailed-token.ts';
import { sendMailIfPossible } from './send-mail.ts';

/**
 * Has an address verified by the token that was mailed to it.
 * @throws Problem `invalid-token`.
 */
export async function verifyEmail(token: string, now = new Date()): Promise<undefined> {
  const outcome = await verifyAddress(readMailedToken('verify', token), now);
  if (outcome === 'not-expected') throw invalidMailedToken();
}

/**
 * Asks the learner of a new account to verify its address. An account is good without that, so a mail that cannot be
 * sent is no failure of the registration.
 */
export async function requestVerification(user: UserDocument, now = new Date()): Promise<void> {
  const { token, pending } = createMailedToken('verify', user._id, now);
  await expectToken(user._id, 'verify', pending);
  await sendMailIfPossible('verification', verificationMail({ to: user.email, name: null, token }));
}
