import { generateKeyPairSync } from 'node:crypto';

/** A key pair that signs for the CDN, both halves in PEM form. */
export interface MediaKeyPair {
  readonly id: string;
  readonly privateKey: string;
  readonly publicKey: string;
}

/** Creates a key pair as CloudFront accepts, unless another size is given. */
export function createMediaKeyPair(id: string, modulusLength = 2048): MediaKeyPair {
  return {
    id,
    ...generateKeyPairSync('rsa', {
      modulusLength,
      publicKeyEncoding: { type: 'spki', format: 'pem' },
      privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    }),
  };
}

/** Signs media links in tests. */
export const mediaKeyPair = createMediaKeyPair('K2JCJMDEHXQW5F');
export const MEDIA_URL = 'https://media.example.com';

/** The secret with a private key, as functions get it. */
export function mediaSigningKey(pem: string = mediaKeyPair.privateKey, slot = 'a'): string {
  return JSON.stringify({ slot, privateKey: pem });
}

/** The setting with CloudFront's ids, as functions get it. */
export function mediaKeyPairIds(b = ''): string {
  return JSON.stringify({ a: mediaKeyPair.id, b });
}

/** Lets functions in this test file sign media links. Call it once, at the top of the file. */
export function useMediaKey(): void {
  Object.assign(process.env, {
    MEDIA_BASE_URL: MEDIA_URL,
    MEDIA_SIGNING_KEY: mediaSigningKey(),
    MEDIA_KEY_PAIR_IDS: mediaKeyPairIds(),
  });
}
