import { freshSecret, secret } from '../secrets.ts';
import { type PublicKeys, parsePublicKeys } from './key-set.ts';

/** Name of the setting with the public keys, a JSON Web Key Set. */
const SETTING = 'ACCESS_TOKEN_PUBLIC_KEYS';

/** Least time between two refetches, in milliseconds: unknown key ids cost a forger nothing, and us a call. */
const REFETCH_INTERVAL_MS = 60_000;

/** Where a {@link publicKeySource} reads the key set, as JSON. */
export interface KeySetReaders {
  /** What may have been read before. */
  readonly read: () => Promise<string>;
  /** What is set now. */
  readonly readAgain: () => Promise<string>;
  readonly now?: () => Date;
}

/**
 * Gives the keys to verify a token with whose header names `kid`: parsed once, then kept. Only when they have no such
 * key are they fetched again, at most once a minute; in between, the outcome of the last refetch stands, failure too,
 * since it leaves open whether the key exists.
 *
 * A rotation loses no request when the next key was published at least {@link REFETCH_INTERVAL_MS} before the first
 * token is signed with it: whoever sees that token then has either refetched since it was published, or may do so now.
 * @throws Problem `unavailable` when the keys cannot be read; Error when they are not a set of public keys.
 */
export function publicKeySource({ read, readAgain, now = () => new Date() }: KeySetReaders) {
  let kept: Promise<PublicKeys> | undefined;
  let refetched: { readonly atMs: number; readonly keys: Promise<PublicKeys> } | undefined;

  async function load(): Promise<PublicKeys> {
    return parsePublicKeys(await read());
  }

  async function refetch(): Promise<PublicKeys> {
    const keys = parsePublicKeys(await readAgain());
    kept = Promise.resolve(keys);
    return keys;
  }

  return async (kid: string): Promise<PublicKeys> => {
    kept ??= load().catch((error: unknown) => {
      kept = undefined;
      throw error;
    });
    const keys = await kept;
    if (keys.has(kid)) return keys;

    const nowMs = now().getTime();
    if (refetched === undefined || nowMs - refetched.atMs >= REFETCH_INTERVAL_MS) {
      refetched = { atMs: nowMs, keys: refetch() };
    }
    return refetched.keys;
  };
}

/** The keys of this container that a token with this `kid` is verified with; see {@link publicKeySource}. */
export const publicKeysFor = publicKeySource({
  read: () => secret(SETTING),
  readAgain: () => freshSecret(SETTING),
});
