import { generateKeyPairSync } from 'node:crypto';

/** A key pair that signs for the CDN, both halves in PEM form. */
export interface CdnKeyPair {
  readonly id: string;
  readonly privateKey: string;
  readonly publicKey: string;
}

/** A key pair of the kind that CloudFront takes, unless another size is asked for. */
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
