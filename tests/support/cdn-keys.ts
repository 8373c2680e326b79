import { generateKeyPairSync } from 'node:crypto';

/** A key pair that signs for the CDN, both halves in PEM form. */
export interface CdnKeyPair {
  readonly id: string;
  readonly privateKey: string;
  readonly publicKey: string;
}

/** Creates a key pair as CloudFront accepts, unless another size is given. */
export function createCdnKeyPair(id: string, modulusLength = 2048): CdnKeyPair {
  return {
    id,
    ...generateKeyPairSync('rsa', {
      modulusLength,
      publicKeyEncoding: { type: 'spki', format: 'pem' },
      privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    }),
  };
}
