import { createPrivateKey, type KeyObject } from 'node:crypto';
import { isKeyId } from '../../../shared/auth/key-set.ts';
import { keptFor } from '../../../shared/kept.ts';
import { freshSecret, recentSecret } from '../../../shared/secrets.ts';

/** Name of the setting with the private key, a JSON Web Key. Of all functions only this one has it. */
const SETTING = 'ACCESS_TOKEN_PRIVATE_KEY';

/**
 * How long a container signs with a key before it looks whether there is another, in milliseconds. A key that is
 * switched away from is therefore retired only after this and the life of an access token.
 */
const MAX_AGE_MS = 60_000;

export interface SigningKey {
  readonly kid: string;
  /** An object, since a PEM or a JWK would be parsed anew for each token. */
  readonly key: KeyObject;
}

/** The key that access tokens are signed with now. */
export const currentSigningKey = keptFor(MAX_AGE_MS, {
  read: async () => parseSigningKey(await recentSecret(SETTING)),
  readAgain: async () => parseSigningKey(await freshSecret(SETTING)),
});

/**
 * A private P-256 key with an id.
 * @throws Error that quotes nothing of it, for anything else.
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
    // Without its cause, whose message quotes the text.
    throw new Error(`${SETTING} is not JSON`);
  }
}
