import { getSignedCookies, getSignedUrl } from '@aws-sdk/cloudfront-signer';
import { mediaBaseUrl } from '../config.ts';
import type { MediaKey } from './media-signing-key.ts';

/*
 * What lets CloudFront serve a recording, by RSA with SHA-256. Keys of the media store are signed that stand in the
 * database, and nothing that came with a request.
 */

/** What opens everything below a folder of the media store, by the names that CloudFront has for it in a query. */
export type SignedPolicy = Readonly<Record<'Policy' | 'Signature' | 'Key-Pair-Id' | 'Hash-Algorithm', string>>;

/** Where a file of the media store is served from. */
export function mediaUrl(storeKey: string): string {
  return `${mediaBaseUrl()}/${storeKey}`;
}

/** A URL that one file can be had by until `expiresAt`, with a canned policy, which is the shorter one. */
export function signedFileUrl(key: MediaKey, storeKey: string, expiresAt: Date): string {
  return getSignedUrl({ ...credentials(key), url: mediaUrl(storeKey), dateLessThan: expiresAt });
}

/**
 * What opens all files of a stream until `expiresAt`: a policy for all that its folder holds.
 * @param folder of the media store, with a slash at its end
 */
export function signedFolder(key: MediaKey, folder: string, expiresAt: Date): SignedPolicy {
  const policy = {
    Statement: [
      {
        Resource: `${mediaUrl(folder)}*`,
        Condition: { DateLessThan: { 'AWS:EpochTime': Math.floor(expiresAt.getTime() / 1000) } },
      },
    ],
  };
  const cookies = getSignedCookies({ ...credentials(key), policy: JSON.stringify(policy) });
  return {
    Policy: cookies['CloudFront-Policy'] ?? '',
    Signature: cookies['CloudFront-Signature'],
    'Key-Pair-Id': cookies['CloudFront-Key-Pair-Id'],
    'Hash-Algorithm': 'SHA256',
  };
}

function credentials({ keyPairId, privateKey }: MediaKey) {
  return {
    keyPairId,
    // The signer hands it to Node's own, which takes a key object as well; its types name texts only.
    privateKey: privateKey as unknown as Buffer,
    algorithm: 'SHA256',
  } as const;
}
