import { randomBytes } from 'node:crypto';
import type { UserDocument } from '../../../shared/db/collections.ts';
import { Reply } from '../../../shared/http/answer.ts';
import type { Input, Output } from '../../../shared/http/contract.ts';
import { problem } from '../../../shared/http/problem.ts';
import { secret } from '../../../shared/secrets.ts';
import type { contract } from '../contract.ts';
import { attemptCounter, knownNetworkHash } from '../limit/attempt-limits.ts';
import { countAttempt } from '../limit/attempts.ts';
import { networkOf } from '../limit/network.ts';
import { sendVerification } from '../mail/email-verification.ts';
import { hashPassword } from '../password/password-hash.ts';
import { assertAcceptable } from '../password/password-policy.ts';
import { startSession } from '../session/new-session.ts';
import { parseEmail } from '../user/email-address.ts';
import { profileOf } from '../user/profile.ts';
import { insertUser } from '../user/user-repository.ts';

type RegisterRoute = (typeof contract)['routes']['POST /auth/register'];

/**
 * Creates an account and signs in to it.
 * @throws Problem `email-taken`; `invalid-request` for an invalid address or a common password; `too-many-requests`.
 */
export async function register(
  { email: given, password, name, language, deviceName }: Input<RegisterRoute>['body'],
  sourceIp: string,
  now = new Date(),
): Promise<Reply<Output<RegisterRoute>>> {
  const { email, emailKey } = parseEmail(given);
  assertAcceptable(password, '/password');
  const network = networkOf(sourceIp);
  const limitKey = await secret('RATE_LIMIT_KEY');
  await countAttempt([attemptCounter(limitKey, 'registration from network', network)], now);

  const userId = newUserId();
  const user: UserDocument = {
    _id: userId,
    email,
    emailKey,
    name: name.trim(),
    language: language ?? 'en',
    roles: ['learner'],
    emailVerifiedAt: null,
    passwordHash: await hashPassword(password),
    tokenEpoch: 0,
    createdAt: now,
    updatedAt: now,
    knownNetworks: [knownNetworkHash(limitKey, userId, network)],
    pending: {},
  };
  if ((await insertUser(user)) === 'email-taken') {
    throw problem('email-taken', { detail: 'There is an account with this e-mail address.' });
  }
  const [{ tokens }] = await Promise.all([startSession(user, deviceName, now), sendVerification(user, now)]);
  return new Reply(201, { user: profileOf(user), tokens });
}

/** Has the form of an ObjectId but is random throughout, so that it does not tell when the account was created. */
function newUserId(): string {
  return randomBytes(12).toString('hex');
}
