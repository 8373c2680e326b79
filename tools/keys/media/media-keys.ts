import { createHash, generateKeyPairSync } from 'node:crypto';

/**
 * The two slots for a public key in CloudFront, which alternate
 * (docs/decisions/0019-media-keys-take-turns-in-two-slots.md).
 */
export const SLOTS = ['a', 'b'] as const;
export type Slot = (typeof SLOTS)[number];

/** The value of a slot's setting while it has no key. */
export const NO_KEY = 'none';

/** The secrets with the public keys, by slot: a PEM or {@link NO_KEY}. */
export const PUBLIC_KEY_IN = { a: 'MEDIA_PUBLIC_KEY_A', b: 'MEDIA_PUBLIC_KEY_B' } as const satisfies Record<
  Slot,
  string
>;

/**
 * Creates a key for media grants: for functions as a JSON object of slot and PKCS#8 PEM, and the public half as a PEM.
 * 2048 bits, because CloudFront accepts no longer RSA key ("Create key pairs for your signers").
 */
export function createMediaKey(slot: Slot): { readonly signingKey: string; readonly publicKey: string } {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
  return { signingKey: JSON.stringify({ slot, privateKey }), publicKey };
}

/** Creates the media secrets of a machine that has none. */
export function createMediaKeys(): Readonly<Record<string, string>> {
  const { signingKey, publicKey } = createMediaKey('a');
  return { MEDIA_SIGNING_KEY: signingKey, [PUBLIC_KEY_IN.a]: publicKey, [PUBLIC_KEY_IN.b]: NO_KEY };
}

/** The media keys of a machine, as its CDN and its functions need them. */
export interface MediaKeys {
  /** PEMs of the keys whose signatures are accepted, by key id. */
  readonly trustedKeys: ReadonlyMap<string, string>;
  /** The key ids by slot, as functions that sign read them. Empty for a slot without a key. */
  readonly keyPairIds: Readonly<Record<Slot, string>>;
}

/**
 * Derives the media keys from the secrets of a machine. It stands in for CloudFront, which gives each key an id and
 * knows its PEM.
 */
export function mediaKeysOf(secrets: Readonly<Record<string, string>>): MediaKeys {
  const keys = SLOTS.flatMap((slot) => {
    const pem = secrets[PUBLIC_KEY_IN[slot]];
    return pem === undefined || pem === NO_KEY ? [] : [{ slot, pem, id: keyPairIdOf(pem) }];
  });
  const idIn = (slot: Slot) => keys.find((key) => key.slot === slot)?.id ?? '';
  return {
    trustedKeys: new Map(keys.map(({ id, pem }) => [id, pem])),
    keyPairIds: { a: idIn('a'), b: idIn('b') },
  };
}

/** Returns an id in the form of CloudFront's, always the same for the same key. */
function keyPairIdOf(pem: string): string {
  return `K${createHash('sha256').update(pem).digest('hex').slice(0, 13).toUpperCase()}`;
}
