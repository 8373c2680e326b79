import { createHash, generateKeyPairSync } from 'node:crypto';

/** The two places for a public key at the CDN, which take turns (docs/decisions/0019-media-keys-take-turns-in-two-slots.md). */
export const SLOTS = ['a', 'b'] as const;
export type Slot = (typeof SLOTS)[number];

/** What the setting with the public key of a slot holds while there is no key in it. */
export const NO_KEY = 'none';

/** The secrets that hold the public keys, by slot: a PEM each, or {@link NO_KEY}. */
export const PUBLIC_KEY_IN = { a: 'MEDIA_PUBLIC_KEY_A', b: 'MEDIA_PUBLIC_KEY_B' } as const satisfies Record<
  Slot,
  string
>;

/** What functions find the id of the key in a slot in. */
const KEY_PAIR_ID_IN = { a: 'MEDIA_KEY_PAIR_ID_A', b: 'MEDIA_KEY_PAIR_ID_B' } as const satisfies Record<Slot, string>;

/**
 * A new key that grants of media are signed with: as functions are given it, a JSON object of slot and PKCS#8 PEM, and
 * its public half as a PEM. 2048 bits: CloudFront takes no longer RSA key ("Create key pairs for your signers").
 */
export function createMediaKey(slot: Slot): { readonly signingKey: string; readonly publicKey: string } {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
  return { signingKey: JSON.stringify({ slot, privateKey }), publicKey };
}

/** The secrets about media of a machine that has none yet. */
export function createMediaKeys(): Readonly<Record<string, string>> {
  const { signingKey, publicKey } = createMediaKey('a');
  return { MEDIA_SIGNING_KEY: signingKey, [PUBLIC_KEY_IN.a]: publicKey, [PUBLIC_KEY_IN.b]: NO_KEY };
}

/** The media keys of a machine, as its CDN and its functions are given them. */
export interface MediaKeys {
  /** PEMs of the keys that signatures are accepted of, by their ids. */
  readonly trustedKeys: ReadonlyMap<string, string>;
  /** The ids by slot, for functions that sign; a slot without a key has an empty one. */
  readonly environment: Readonly<Record<(typeof KEY_PAIR_ID_IN)[Slot], string>>;
}

/** What follows from the secrets of a machine: the part of CloudFront, which gives each key an id and knows its PEM. */
export function mediaKeysOf(secrets: Readonly<Record<string, string>>): MediaKeys {
  const keys = SLOTS.flatMap((slot) => {
    const pem = secrets[PUBLIC_KEY_IN[slot]];
    return pem === undefined || pem === NO_KEY ? [] : [{ slot, pem, id: keyPairIdOf(pem) }];
  });
  const idIn = (slot: Slot) => keys.find((key) => key.slot === slot)?.id ?? '';
  return {
    trustedKeys: new Map(keys.map(({ id, pem }) => [id, pem])),
    environment: { [KEY_PAIR_ID_IN.a]: idIn('a'), [KEY_PAIR_ID_IN.b]: idIn('b') },
  };
}

/** Of the form that CloudFront's ids have, and the same for the same key. */
function keyPairIdOf(pem: string): string {
  return `K${createHash('sha256').update(pem).digest('hex').slice(0, 13).toUpperCase()}`;
}
