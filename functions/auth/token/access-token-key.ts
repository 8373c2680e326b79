import { createPrivateKey, type KeyObject } from 'node:crypto';
import { isKeyId } from '../../../shared/auth/key-set.ts';
import { cached } from '../../../shared/cached.ts';
import { prepareBy } from '../../../shared/prepare.ts';
import { freshSecret, recentSecret } from '../../../shared/secrets.ts';

/** The setting with the private key, a JSON Web Key. Only this function has it. */
const SETTING = 'ACCESS_TOKEN_PRIVATE_KEY';

/**
 * How long a container signs with a key before it reads the setting again, in milliseconds. So a replaced key can be
 * retired only after this time and the lifetime of an access token.
 */
export const MAX_AGE_MS = 60_000;

export interface SigningKey {
  readonly kid: string;
  /** Parsed once, rather than for each token. */
  readonly key: KeyObject;
}

/** Returns the key that signs access tokens now. */
export const currentSigningKey = cached(MAX_AGE_MS, {
  read: async () => parseSigningKey(await recentSecret(SETTING)),
  readAgain: async () => parseSigningKey(await freshSecret(SETTING)),
});

prepareBy(currentSigningKey);

/**
 * Parses a private P-256 key with a key id.
 * @throws Error if it is anything else. The message does not quote it.
 */
export function parseSigningKey(json: string): SigningKey {
  const { kty, crv, x, y, d, kid } = parseJson(json);
  if (kty !== 'EC' || crv !== 'P-256' || !isText(x) || !isText(y) || !isText(d) || !isKeyId(kid)) {
    throw new Error(`${SETTING} is not a private P-256 key with a kid, as a JSON Web Key`);
  }
  return { kid, key: createPrivateKey({ key: { kty, crv, x, y, d }, format: 'jwk' }) };
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

function parseJson(json: string): Readonly<Record<string, unknown>> {
  try {
    return { ...(JSON.parse(json) as object) };
  } catch {
    // No cause: its message would quote the secret.
    throw new Error(`${SETTING} is not JSON`);
  }
}
