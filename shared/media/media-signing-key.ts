import { createPrivateKey, type KeyObject } from 'node:crypto';
import { cached } from '../cached.ts';
import { mediaKeyPairId } from '../config.ts';
import { freshSecret, recentSecret } from '../secrets.ts';

/** Name of the setting with the private key and the slot of its public half. */
const SETTING = 'MEDIA_SIGNING_KEY';

/**
 * How long a container signs with a key before it looks whether there is another, in milliseconds. A key that is switched
 * away from is therefore retired only after this and the life of a grant.
 */
const MAX_AGE_MS = 300_000;

/** Key size that CloudFront takes ("Specify signers that can create signed URLs and signed cookies"). */
const MODULUS_BITS = 2048;

/** What links to media are signed with. */
export interface MediaKey {
  /** What CloudFront knows the public half by. */
  readonly keyPairId: string;
  /** An object, since a PEM would be parsed anew for each signature. */
  readonly privateKey: KeyObject;
}

/**
 * The key that links to media are signed with now.
 * @throws Problem `unavailable` when it cannot be read; MissingSetting; Error when it is no such key.
 */
export const currentMediaKey = cached(MAX_AGE_MS, {
  read: async () => parseMediaKey(await recentSecret(SETTING)),
  readAgain: async () => parseMediaKey(await freshSecret(SETTING)),
});

/**
 * A private RSA key with 2048 bits and its slot: `{ "slot": "a", "privateKey": "-----BEGIN PRIVATE KEY-----…" }`.
 * @throws Error that quotes nothing of it, for anything else.
 */
export function parseMediaKey(json: string): MediaKey {
  const { slot, privateKey: pem } = parseJson(json);
  if ((slot !== 'a' && slot !== 'b') || typeof pem !== 'string') {
    throw new Error(`${SETTING} is not an object with a slot, a or b, and a privateKey`);
  }
  const privateKey = parsePem(pem);
  const { asymmetricKeyType, asymmetricKeyDetails } = privateKey;
  if (asymmetricKeyType !== 'rsa' || asymmetricKeyDetails?.modulusLength !== MODULUS_BITS) {
    throw new Error(`The privateKey of ${SETTING} is not an RSA key of ${MODULUS_BITS} bits`);
  }
  return { keyPairId: mediaKeyPairId(slot), privateKey };
}

function parsePem(pem: string): KeyObject {
  try {
    return createPrivateKey(pem);
  } catch {
    // Without its cause, which may quote the text; so below.
    throw new Error(`The privateKey of ${SETTING} is no private key in PEM`);
  }
}

function parseJson(json: string): Readonly<Record<string, unknown>> {
  try {
    return { ...(JSON.parse(json) as object) };
  } catch {
    throw new Error(`${SETTING} is not JSON`);
  }
}
