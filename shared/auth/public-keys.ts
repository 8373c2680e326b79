import { jitteredAge } from '../cached.ts';
import { freshSecret, recentSecret } from '../secrets.ts';
import { type PublicKeys, parsePublicKeys } from './key-set.ts';

/** The setting with the public keys, a JSON Web Key Set. */
const SETTING = 'ACCESS_TOKEN_PUBLIC_KEYS';

/**
 * Least time between two refetches, in milliseconds. Without it, unknown key ids would cost us a call each, and a
 * forger nothing.
 */
export const REFETCH_INTERVAL_MS = 60_000;

/**
 * How long keys are used at most before they are fetched again, in milliseconds. A retired or leaked key is refused
 * after this time, even by a container that sees no other key.
 */
const MAX_AGE_MS = 300_000;

/** Reads the key set, as JSON, for a {@link publicKeySource}. */
export interface KeySetReaders {
  /** Reads the current setting; may answer from a recent read. */
  readonly read: () => Promise<string>;
  /** Reads the current setting anew. */
  readonly readAgain: () => Promise<string>;
  readonly now?: () => Date;
  readonly random?: () => number;
}

/**
 * Returns a function that provides the keys to verify a token with, by the `kid` in its header. It parses them once,
 * and fetches them again if they lack that key or are older than {@link MAX_AGE_MS}, but at most once a minute. If a
 * refetch fails, known keys still work, and for unknown ones the answer is `unavailable`.
 *
 * A rotation loses no request if the next key is published at least {@link REFETCH_INTERVAL_MS} before it signs the
 * first token: a container that sees that token has either refetched since, or may do so now.
 * @throws Problem `unavailable` if the keys cannot be read; Error if they are not a set of public keys.
 */
export function publicKeySource({ read, readAgain, now = () => new Date(), random }: KeySetReaders) {
  let kept: Promise<PublicKeys> | undefined;
  let keptUntilMs = 0;
  let refetched: { readonly atMs: number; readonly keys: Promise<PublicKeys> } | undefined;

  async function load(nowMs: number): Promise<PublicKeys> {
    const keys = parsePublicKeys(await read());
    keptUntilMs = nowMs + jitteredAge(MAX_AGE_MS, random);
    return keys;
  }

  async function refetch(nowMs: number): Promise<PublicKeys> {
    const keys = parsePublicKeys(await readAgain());
    kept = Promise.resolve(keys);
    keptUntilMs = nowMs + jitteredAge(MAX_AGE_MS, random);
    return keys;
  }

  return async (kid: string | null): Promise<PublicKeys> => {
    const nowMs = now().getTime();
    kept ??= load(nowMs).catch((error: unknown) => {
      kept = undefined;
      throw error;
    });
    const keys = await kept;
    const isKnown = kid === null || keys.has(kid);
    if (isKnown && nowMs < keptUntilMs) return keys;

    if (refetched === undefined || nowMs - refetched.atMs >= REFETCH_INTERVAL_MS) {
      refetched = { atMs: nowMs, keys: refetch(nowMs) };
    }
    return isKnown ? refetched.keys.catch(() => keys) : refetched.keys;
  };
}

/** Returns the keys of this container to verify a token with this `kid`, or any. See {@link publicKeySource}. */
export const publicKeysFor = publicKeySource({
  read: () => recentSecret(SETTING),
  readAgain: () => freshSecret(SETTING),
});
