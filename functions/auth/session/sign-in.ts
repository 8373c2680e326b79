import type { Input, Output } from '../../../shared/http/contract.ts';
import { secret } from '../../../shared/secrets.ts';
import { parseEmail } from '../account/email-address.ts';
import { profileOf } from '../account/profile.ts';
import { findUserByEmailKey, rememberNetwork, replacePasswordHash } from '../account/user-repository.ts';
import type { contract } from '../contract.ts';
import { knownNetworkHash, loginCounters } from '../limit/attempt-limits.ts';
import { countAttempt, forgiveAttempts } from '../limit/attempts.ts';
import { networkOf } from '../limit/network.ts';
import { checkPassword, hashPassword } from '../password/password-hash.ts';
import { invalidCredentials } from '../refusals.ts';
import { startSession } from './new-session.ts';
import { deleteSession } from './session-repository.ts';

type LoginRoute = (typeof contract)['routes']['POST /auth/login'];

/**
 * Signs in. Up to the answer that something is wrong, the same is done whether the account exists or not.
 * @throws Problem `invalid-credentials`; `too-many-requests`.
 */
export async function login(
  { email, password, deviceName }: Input<LoginRoute>['body'],
  sourceIp: string,
  now = new Date(),
): Promise<Output<LoginRoute>> {
  const { emailKey } = parseEmail(email);
  const network = networkOf(sourceIp);
  const limitKey = await secret('RATE_LIMIT_KEY');

  const user = await findUserByEmailKey(emailKey);
  const hashedNetwork = knownNetworkHash(limitKey, user?._id ?? '', network);
  const isKnown = user?.knownNetworks.includes(hashedNetwork) ?? false;
  const counters = loginCounters(limitKey, { emailKey, network, isKnown });
  await countAttempt(counters, now);

  const verdict = await checkPassword(password, user?.passwordHash ?? null);
  if (user === null || verdict === 'wrong') throw invalidCredentials();

  const [{ sessionId, tokens }] = await Promise.all([startSession(user, deviceName, now), forgiveAttempts(counters)]);
  // Asked once the session is there: a change of the password or the end of the account that came before has not seen it.
  const current = await rememberNetwork(user._id, hashedNetwork);
  const isChanged = current?.passwordHash !== user.passwordHash;
  if (isChanged && (await checkPassword(password, current?.passwordHash ?? null)) === 'wrong') {
    await deleteSession(user._id, sessionId);
    throw invalidCredentials();
  }
  if (verdict === 'outdated') await replacePasswordHash(user._id, user.passwordHash, await hashPassword(password));
  return { user: profileOf(user), tokens };
}
