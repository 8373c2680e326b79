import type { UserDocument } from '../../../shared/db/collections.ts';
import { expectToken, verifyAddress } from '../user/account-repository.ts';
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
 * Asks the learner of a new account to verify its address. An account works without that, so the registration succeeds even
 * if the mail cannot be sent.
 */
export async function requestVerification(user: UserDocument, now = new Date()): Promise<void> {
  const { token, pending } = createMailedToken('verify', user._id, now);
  await expectToken(user._id, 'verify', pending);
  await sendMailIfPossible('verification', verificationMail({ to: user.email, name: null, token }));
}
