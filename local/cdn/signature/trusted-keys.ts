import { createPublicKey, type KeyObject } from 'node:crypto';

/** Public keys by key id. */
export type TrustedKeys = ReadonlyMap<string, KeyObject>;

const PUBLIC_KEY_PEM = /^-----BEGIN PUBLIC KEY-----\n(?:[A-Za-z0-9+/=]+\n)+-----END PUBLIC KEY-----\n*$/;

/**
 * Reads the key group of a distribution. It accepts only public RSA keys with 2048 bits. CloudFront also accepts ECDSA
 * on P-256, but Lectern never signs with it, so here it is refused.
 * @throws Error with the id of an invalid key.
 */
export function readTrustedKeys(pems: ReadonlyMap<string, string>): TrustedKeys {
  return new Map([...pems].map(([id, pem]) => [id, readTrustedKey(id, pem)]));
}

function readTrustedKey(id: string, pem: string): KeyObject {
  if (!PUBLIC_KEY_PEM.test(pem)) throw new Error(`The trusted key ${id} is not a public key in PEM form`);
  const key = createPublicKey(pem);
  if (key.asymmetricKeyType !== 'rsa' || key.asymmetricKeyDetails?.modulusLength !== 2048) {
    throw new Error(`The trusted key ${id} is not an RSA key of 2048 bits`);
  }
  return key;
}
