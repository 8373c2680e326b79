import path from 'node:path';
import { runPython } from '../jest/programs.ts';
import { mediaKeyPair } from '../keys/media-keys.ts';

/** A request for media, as a player makes it. */
interface MediaRequest {
  readonly url: string;
  readonly cookies?: Readonly<Record<string, string>>;
}

/**
 * Returns until when each request is served, in seconds since 1970, or null if it is refused: an independent
 * implementation of CloudFront's rules, in another language and with another cryptography library.
 */
export async function servedUntil(requests: readonly MediaRequest[]): Promise<readonly (number | null)[]> {
  const keys = { [mediaKeyPair.id]: mediaKeyPair.publicKey };
  const script = path.join(import.meta.dirname, 'cloudfront_policy.py');
  return (await runPython(script, JSON.stringify({ keys, requests }))) as (number | null)[];
}
