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
import { sendFirstVerification } from '../mail/email-verification.ts';
import { hashPassword } from '../password/password-hash.ts';
import { assertAcceptable } from '../password/password-policy.ts';
import { type Device, startSession } from '../session/new-session.ts';
import { attemptHash, isSameAttempt } from '../token/request-attempt.ts';
import { parseEmail } from '../user/email-address.ts';
import { profileOf } from '../user/profile.ts';
import { findUserByEmailKey, insertUser } from '../user/user-repository.ts';
import { signIn } from './sign-in.ts';

type RegisterRoute = (typeof contract)['routes']['POST /auth/register'];
type Registration = Input<RegisterRoute>['body'];
type SignedIn = Output<RegisterRoute>;

/**
 * Creates an account and signs in to it. A retry signs in to the account that its first try created.
 * @throws Problem `email-taken`; `invalid-request` for an invalid address or a common password; `too-many-requests`.
 */
export async function register(
  registration: Registration,
  sourceIp: string,
  now = new Date(),
): Promise<Reply<SignedIn>> {
  const { email: given, password, name, language, attemptId, deviceId, deviceName } = registration;
  const { email, emailKey } = parseEmail(given);
  assertAcceptable(password, '/password');
  const network = networkOf(sourceIp);
  const [limitKey, refreshKey] = await Promise.all([secret('RATE_LIMIT_KEY'), secret('REFRESH_KEY')]);
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
    ...(attemptId && { registrationAttemptHash: attemptHash(refreshKey, ['register', userId], attemptId) }),
  };
  if ((await insertUser(user)) === 'email-taken') return resume(registration, sourceIp, now);

  const device = { deviceId, deviceName };
  const [tokens] = await Promise.all([startFirstSession(user, device, now), sendFirstVerification(user, now)]);
  return new Reply(201, { user: profileOf(user), tokens });
}

/** Starts the session of a new account. A concurrent retry may have started one on the same device already. */
async function startFirstSession(user: UserDocument, device: Device, now: Date): Promise<SignedIn['tokens']> {
  const { confirm } = await startSession(user, device, now);
  return confirm();
}

/** Answers a registration whose account exists: by a sign-in, if an earlier try of the same registration created it. */
async function resume(registration: Registration, sourceIp: string, now: Date): Promise<Reply<SignedIn>> {
  const created = await findAccountOfAttempt(registration);
  // By now the account may have another password, which this answer must not tell.
  const signedIn = created && (await signIn(registration, sourceIp, now));
  if (!signedIn) throw problem('email-taken', { detail: 'There is an account with this e-mail address.' });

  // The earlier try may have ended before it sent the mail.
  await sendFirstVerification(created, now);
  return new Reply(201, signedIn);
}

async function findAccountOfAttempt({ email, attemptId }: Registration): Promise<UserDocument | null> {
  if (attemptId === undefined) return null;
  const user = await findUserByEmailKey(parseEmail(email).emailKey);
  if (user === null) return null;
  const hash = attemptHash(await secret('REFRESH_KEY'), ['register', user._id], attemptId);
  return isSameAttempt(user.registrationAttemptHash, hash) ? user : null;
}

/** Has the form of an ObjectId but is random throughout, so that it does not tell when the account was created. */
function newUserId(): string {
  return randomBytes(12).toString('hex');
}
