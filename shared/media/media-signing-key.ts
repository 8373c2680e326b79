import { createPrivateKey, type KeyObject } from 'node:crypto';
import { cached } from '../cached.ts';
import { problem } from '../http/problem.ts';
import { freshSecrets, recentSecrets } from '../secrets.ts';

/** The setting with the private key and the slot of its public key. */
const SIGNING_KEY = 'MEDIA_SIGNING_KEY';

/** The setting with CloudFront's ids of the public keys, by slot. A deployment writes it. */
const KEY_PAIR_IDS = 'MEDIA_KEY_PAIR_IDS';

/** Read together: the key names the slot whose id belongs to it. */
const SETTINGS = [SIGNING_KEY, KEY_PAIR_IDS] as const;

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
 * Returns the key that signs links to media now. While no current one can be used, the previous key stays.
 * @throws Problem `unavailable` if it cannot be read, or if CloudFront does not have it yet; MissingSetting; Error if it
 * is not such a key.
 */
export const currentMediaKey = cached(MAX_AGE_MS, {
  read: async () => parseMediaKey(await recentSecrets(SETTINGS)),
  readAgain: async () => parseMediaKey(await freshSecrets(SETTINGS)),
});

/**
 * Parses a private RSA key of 2048 bits and its slot, `{ "slot": "a", "privateKey": "-----BEGIN PRIVATE KEY-----…" }`,
 * and finds its id in `{ "a": "K2JCJMDEHXQW5F", "b": "" }`.
 * @throws Problem `unavailable` if the slot has no id; Error if it is anything else. The message does not quote it.
 */
export function parseMediaKey(settings: Readonly<Record<(typeof SETTINGS)[number], string>>): MediaKey {
  const { slot, privateKey: pem } = parseJson(settings, SIGNING_KEY);
  if ((slot !== 'a' && slot !== 'b') || typeof pem !== 'string') {
    throw new Error(`${SIGNING_KEY} is not an object with a slot, a or b, and a privateKey`);
  }
  const privateKey = parsePem(pem);
  const { asymmetricKeyType, asymmetricKeyDetails } = privateKey;
  if (asymmetricKeyType !== 'rsa' || asymmetricKeyDetails?.modulusLength !== MODULUS_BITS) {
    throw new Error(`The privateKey of ${SIGNING_KEY} is not an RSA key of ${MODULUS_BITS} bits`);
  }
  const { [slot]: keyPairId } = parseJson(settings, KEY_PAIR_IDS);
  if (typeof keyPairId !== 'string' || keyPairId === '') {
    throw problem('unavailable', { cause: new Error(`${KEY_PAIR_IDS} has no id for slot ${slot}: deploy first`) });
  }
  return { keyPairId, privateKey };
}

function parsePem(pem: string): KeyObject {
  try {
    return createPrivateKey(pem);
  } catch {
    // No cause: its message may quote the text. The same below.
    throw new Error(`The privateKey of ${SIGNING_KEY} is no private key in PEM`);
  }
}

function parseJson<Name extends string>(
  settings: Readonly<Record<Name, string>>,
  name: Name,
): Readonly<Record<string, unknown>> {
  try {
    return { ...(JSON.parse(settings[name]) as object) };
  } catch {
    throw new Error(`${name} is not JSON`);
  }
}
