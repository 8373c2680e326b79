import type { Input, Output } from '../../../shared/http/contract.ts';
import { type Problem, problem } from '../../../shared/http/problem.ts';
import { secret } from '../../../shared/secrets.ts';
import { count } from '../../../shared/telemetry/business-metrics.ts';
import type { contract } from '../contract.ts';
import { knownNetworkHash, loginCounters } from '../limit/attempt-limits.ts';
import { countAttempt, refundAttempts } from '../limit/attempts.ts';
import { networkOf } from '../limit/network.ts';
import { checkPassword, hashPassword } from '../password/password-hash.ts';
import { type Device, startSession } from '../session/new-session.ts';
import { deleteSession } from '../session/session-repository.ts';
import { parseEmail } from '../user/email-address.ts';
import { profileOf } from '../user/profile.ts';
import { findUserByEmailKey, rememberNetwork, replacePasswordHash } from '../user/user-repository.ts';

type LoginRoute = (typeof contract)['routes']['POST /auth/login'];
type Credentials = Pick<Input<LoginRoute>['body'], 'email' | 'password'> & Device;
type SignedIn = Output<LoginRoute>;

/**
 * Signs in. Until it fails, it does the same work whether the account exists or not.
 * @throws Problem `invalid-credentials`; `too-many-requests`.
 */
export async function login(credentials: Credentials, sourceIp: string, now = new Date()): Promise<SignedIn> {
  const signedIn = await signIn(credentials, sourceIp, now);
  count(signedIn === null ? 'SignInsRefused' : 'SignIns');
  if (signedIn === null) throw invalidCredentials();
  return signedIn;
}

/**
 * Signs in, or returns null for an unknown address or a wrong password.
 * @throws Problem `too-many-requests`.
 */
export async function signIn(
  { email, password, deviceId, deviceName }: Credentials,
  sourceIp: string,
  now: Date,
): Promise<SignedIn | null> {
  const { emailKey } = parseEmail(email);
  const network = networkOf(sourceIp);
  const limitKey = await secret('RATE_LIMIT_KEY');

  const user = await findUserByEmailKey(emailKey);
  const hashedNetwork = knownNetworkHash(limitKey, user?._id ?? '', network);
  const isKnown = user?.knownNetworks.includes(hashedNetwork) ?? false;
  const counters = loginCounters(limitKey, { emailKey, network, isKnown });
  await countAttempt(counters, now);

  const verdict = await checkPassword(password, user?.passwordHash ?? null);
  if (user === null || verdict === 'wrong') return null;

  const [started] = await Promise.all([startSession(user, { deviceId, deviceName }, now), refundAttempts(counters)]);
  // Read again once the session exists: a password change or erasure that ran meanwhile did not end this session.
  const current = await rememberNetwork(user._id, hashedNetwork);
  const isChanged = current?.passwordHash !== user.passwordHash;
  if (isChanged && (await checkPassword(password, current?.passwordHash ?? null)) === 'wrong') {
    await deleteSession(user._id, started.sessionId);
    return null;
  }
  const tokens = await started.confirm();
  if (verdict === 'outdated') await replacePasswordHash(user._id, user.passwordHash, await hashPassword(password));
  return { user: profileOf(user), tokens };
}

/**
 * The answer to an unknown address and to a wrong password. They are the same, so that nobody learns who has an
 * account.
 */
function invalidCredentials(): Problem {
  return problem('invalid-credentials', {
    detail: 'The e-mail address or the password is wrong.',
    headers: { 'WWW-Authenticate': 'Bearer' },
  });
}
