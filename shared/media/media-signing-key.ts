import { createPrivateKey, type KeyObject } from 'node:crypto';
import { cached } from '../cached.ts';
import { mediaKeyPairId } from '../config.ts';
import { prepareBy } from '../prepare.ts';
import { freshSecret, recentSecret } from '../secrets.ts';

/** The setting with the private key and the slot of its public key. */
const SETTING = 'MEDIA_SIGNING_KEY';

/**
 * How long a container signs with a key before it reads the setting again, in milliseconds. So a replaced key can be
 * retired only after this time and the lifetime of a grant.
 */
export const MAX_AGE_MS = 300_000;

/** The key size that CloudFront accepts ("Specify signers that can create signed URLs and signed cookies"). */
const MODULUS_BITS = 2048;

/** The key that signs links to media. */
export interface MediaKey {
  /** CloudFront's id of the public key. */
  readonly keyPairId: string;
  /** Parsed once, rather than for each signature. */
  readonly privateKey: KeyObject;
}

/**
 * Returns the key that signs links to media now.
 * @throws Problem `unavailable` if it cannot be read; MissingSetting; Error if it is not such a key.
 */
export const currentMediaKey = cached(MAX_AGE_MS, {
  read: async () => parseMediaKey(await recentSecret(SETTING)),
  readAgain: async () => parseMediaKey(await freshSecret(SETTING)),
});

prepareBy(currentMediaKey);

/**
 * Parses a private RSA key of 2048 bits and its slot: `{ "slot": "a", "privateKey": "-----BEGIN PRIVATE KEY-----…" }`.
 * @throws Error if it is anything else. The message does not quote it.
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
    // No cause: its message may quote the text. The same below.
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
