import { createPublicKey, randomUUID } from 'node:crypto';
import jwt from 'jsonwebtoken';
import { CheckFailed, type Passed } from './checks.ts';
import { type Answer, fault, type HttpClient, listAt, textAt, valueAt } from './http.ts';
import type { Remainder, Remainders } from './remainders.ts';
import { DEVICE_NAME, type TurnOptions, waitForTurn } from './turn.ts';

export interface Account {
  readonly email: string;
  readonly password: string;
}

/** A session of the test account. */
export interface Session {
  readonly accessToken: string;
  readonly userId: string;
  /** Ends it. */
  readonly remainder: Remainder;
}

export interface PublicKey {
  readonly kid: string;
  readonly jwk: Readonly<Record<string, unknown>>;
}

/** The clocks of this machine and of AWS may differ by that much. */
const CLOCK_TOLERANCE_SECONDS = 60;

const SIGNED_OUT = 'the session that was started';

export async function readPublicKeys(http: HttpClient): Promise<Passed<readonly PublicKey[]>> {
  const answer = await http.api('GET', '/.well-known/jwks.json');
  const keys = listAt(answer, 'keys').map((jwk) => ({ kid: String(jwk['kid']), jwk }));
  if (keys.length === 0) throw fault(answer, 'there is no key');
  return { value: keys, note: keys.map(({ kid }) => kid).join(', ') };
}

/**
 * Signs in, and waits for an earlier test of the same account. If the answer is lost or unreadable, there may be a
 * session whose tokens nobody knows: it ends by signing in to the same device again, which replaces it, and signing out.
 * @param cleanUp sends the requests that remove the session
 */
export async function signIn(
  http: HttpClient,
  cleanUp: HttpClient,
  { email, password }: Account,
  { remainders, ...turn }: { readonly remainders: Remainders } & TurnOptions,
): Promise<Passed<Session>> {
  const credentials = { email, password, deviceId: randomUUID(), deviceName: DEVICE_NAME };
  const login = (client: HttpClient) => client.api('POST', '/auth/login', { body: credentials });
  let accessToken: string | undefined;
  const remainder = remainders.add(SIGNED_OUT, async () => {
    accessToken ??= textAt(await login(cleanUp), 'tokens.accessToken');
    await cleanUp.api('POST', '/auth/logout', { accessToken, expect: 204 });
  });
  let answer: Answer;
  try {
    answer = await login(http);
  } catch (error) {
    // A refusal starts no session.
    const status = error instanceof CheckFailed ? error.status : 400;
    if (status !== null && status >= 400 && status < 500) remainder.forget();
    throw error;
  }
  accessToken = textAt(answer, 'tokens.accessToken');
  const session = { accessToken, userId: textAt(answer, 'user.id'), remainder };
  const waited = await waitForTurn(http, accessToken, turn);
  return { value: session, note: waited === 0 ? email : `${email}, ${waited} s after another smoke test` };
}

/** Verifies the token with the published keys alone, as another service would. */
export function verifyToken({ accessToken, userId }: Session, keys: readonly PublicKey[]): Passed<null> {
  const kid = jwt.decode(accessToken, { complete: true })?.header.kid;
  const key = keys.find((candidate) => candidate.kid === kid);
  if (kid === undefined || key === undefined) throw new CheckFailed('no published key has the id that the token names');
  let claims: unknown;
  try {
    claims = jwt.verify(accessToken, createPublicKey({ key: key.jwk, format: 'jwk' }), {
      algorithms: ['ES256'],
      clockTolerance: CLOCK_TOLERANCE_SECONDS,
    });
  } catch {
    throw new CheckFailed(`key ${kid} does not verify the token`);
  }
  if (typeof claims !== 'object' || claims === null || !('sub' in claims) || claims.sub !== userId) {
    throw new CheckFailed('the token is not that of the account');
  }
  return { value: null, note: `signed by ${kid}` };
}

export async function readAccount(http: HttpClient, { accessToken, userId }: Session): Promise<Passed<null>> {
  const answer = await http.api('GET', '/auth/me', { accessToken });
  if (valueAt(answer, 'id') !== userId) throw fault(answer, 'it is another account');
  return { value: null, note: 'the token opens it' };
}

export async function refuseWrongTokens(http: HttpClient, { accessToken }: Session): Promise<Passed<null>> {
  await http.api('GET', '/auth/me', { expect: 401 });
  await http.api('GET', '/auth/me', { accessToken: forged(accessToken), expect: 401 });
  return { value: null, note: 'refused without a token and with a forged one' };
}

/** The same token with another signature, of the right form. */
export function forged(accessToken: string): string {
  const [header = '', payload = '', signature = ''] = accessToken.split('.');
  const first = signature.startsWith('A') ? 'B' : 'A';
  return [header, payload, first + signature.slice(1)].join('.');
}

export async function signOut(http: HttpClient, { accessToken, remainder }: Session): Promise<Passed<null>> {
  await remainder.remove();
  await http.api('GET', '/auth/me', { accessToken, expect: 401 });
  remainder.forget();
  return { value: null, note: 'the token is refused from then on' };
}
