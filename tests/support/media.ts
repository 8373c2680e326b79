import { execFile } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import path from 'node:path';
import { promisify } from 'node:util';
import { toolPath } from './tools.ts';

/** The key pair that signs media links in tests, and the id of its public half. */
const { privateKey, publicKey } = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  publicKeyEncoding: { type: 'spki', format: 'pem' },
});
export const KEY_PAIR_ID = 'K2JCJMDEHXQW5F';
export const MEDIA_URL = 'https://media.example.com';

/** The secret with a private key, as functions get it. */
export function mediaSigningKey(pem: string = privateKey, slot = 'a'): string {
  return JSON.stringify({ slot, privateKey: pem });
}

/** Lets functions in this test file sign media links. Call it once, at the top of the file. */
export function useMediaKey(): void {
  Object.assign(process.env, {
    MEDIA_BASE_URL: MEDIA_URL,
    MEDIA_SIGNING_KEY: mediaSigningKey(),
    MEDIA_KEY_PAIR_ID_A: KEY_PAIR_ID,
  });
}

/** A request for media, as a player makes it. */
export interface MediaRequest {
  readonly url: string;
  readonly cookies?: Readonly<Record<string, string>>;
}

/**
 * Returns until when each request is served, in seconds since 1970, or null if it is refused: an independent
 * implementation of CloudFront's rules, in another language and with another cryptography library.
 */
export async function servedUntil(requests: readonly MediaRequest[]): Promise<readonly (number | null)[]> {
  const script = path.join(import.meta.dirname, 'python/cloudfront_policy.py');
  const run = promisify(execFile)(toolPath('python'), [script], { maxBuffer: 64 * 1024 * 1024 });
  run.child.stdin?.end(JSON.stringify({ keys: { [KEY_PAIR_ID]: publicKey }, requests }));
  return JSON.parse((await run).stdout) as (number | null)[];
}
