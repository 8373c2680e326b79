import { getSignedCookies, getSignedUrl } from '@aws-sdk/cloudfront-signer';
import { mediaBaseUrl } from '../config.ts';
import { prepareBy } from '../prepare.ts';
import { currentMediaKey, type MediaKey } from './media-signing-key.ts';

/*
 * Signatures that make CloudFront serve a recording, by RSA with SHA-256. Only keys from the database are signed,
 * nothing that came with a request.
 */

/** A policy that opens everything in a folder of the media store, with the names that CloudFront uses in a query. */
export type SignedPolicy = Readonly<Record<'Policy' | 'Signature' | 'Key-Pair-Id' | 'Hash-Algorithm', string>>;

/** Returns the URL of a file of the media store. */
export function mediaUrl(storeKey: string): string {
  return `${mediaBaseUrl()}/${storeKey}`;
}

/** Signs the URL of one file until `expiresAt`, with a canned policy, which makes the URL shorter. */
export function signedFileUrl(key: MediaKey, storeKey: string, expiresAt: Date): string {
  return getSignedUrl({ ...credentials(key), url: mediaUrl(storeKey), dateLessThan: expiresAt });
}

/**
 * Signs a policy that opens all files of a stream until `expiresAt`.
 * @param folder of the media store, with a trailing slash
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
    // The signer passes it to Node, which accepts a key object too. The signer's types allow only strings.
    privateKey: privateKey as unknown as Buffer,
    algorithm: 'SHA256',
  } as const;
}

// Imports the key, and signs something: the first signature takes longer.
prepareBy(async () => signedFileUrl(await currentMediaKey(), 'media/preparation', new Date()));
