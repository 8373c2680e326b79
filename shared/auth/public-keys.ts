import { freshSecret, recentSecret } from '../secrets.ts';
import { type PublicKeys, parsePublicKeys } from './key-set.ts';

/** Name of the setting with the public keys, a JSON Web Key Set. */
const SETTING = 'ACCESS_TOKEN_PUBLIC_KEYS';

/** Least time between two refetches, in milliseconds: unknown key ids cost a forger nothing, and us a call. */
const REFETCH_INTERVAL_MS = 60_000;

/**
 * How long keys are good without being asked for again, in milliseconds: a key that was retired, or taken back because
 * it leaked, is refused that soon even by a container that meets no other.
 */
const MAX_AGE_MS = 300_000;

/** Where a {@link publicKeySource} reads the key set, as JSON. */
export interface KeySetReaders {
  /** What is set now, or was a moment ago. */
  readonly read: () => Promise<string>;
  /** What is set now. */
  readonly readAgain: () => Promise<string>;
  readonly now?: () => Date;
}

/**
 * Gives the keys to verify a token with whose header names `kid`: parsed once, then kept. They are fetched
 * again when they have no such key or are older than {@link MAX_AGE_MS}, at most once a minute; in between, the outcome
 * of the last refetch stands. When it failed, keys that are known go on to serve, and for others it is open whether they
 * exist.
 *
 * A rotation loses no request when the next key was published at least {@link REFETCH_INTERVAL_MS} before the first
 * token is signed with it: whoever sees that token then has either refetched since it was published, or may do so now.
 * @throws Problem `unavailable` when the keys cannot be read; Error when they are not a set of public keys.
 */
export function publicKeySource({ read, readAgain, now = () => new Date() }: KeySetReaders) {
  let kept: Promise<PublicKeys> | undefined;
  let keptSinceMs = 0;
  let refetched: { readonly atMs: number; readonly keys: Promise<PublicKeys> } | undefined;

  async function load(nowMs: number): Promise<PublicKeys> {
    const keys = parsePublicKeys(await read());
    keptSinceMs = nowMs;
    return keys;
  }

  async function refetch(nowMs: number): Promise<PublicKeys> {
    const keys = parsePublicKeys(await readAgain());
    kept = Promise.resolve(keys);
    keptSinceMs = nowMs;
    return keys;
  }

  return async (kid: string): Promise<PublicKeys> => {
    const nowMs = now().getTime();
    kept ??= load(nowMs).catch((error: unknown) => {
      kept = undefined;
      throw error;
    });
    const keys = await kept;
    const isKnown = keys.has(kid);
    if (isKnown && nowMs - keptSinceMs < MAX_AGE_MS) return keys;

    if (refetched === undefined || nowMs - refetched.atMs >= REFETCH_INTERVAL_MS) {
      refetched = { atMs: nowMs, keys: refetch(nowMs) };
    }
    return isKnown ? refetched.keys.catch(() => keys) : refetched.keys;
  };
}

/** The keys of this container that a token with this `kid` is verified with; see {@link publicKeySource}. */
export const publicKeysFor = publicKeySource({
  read: () => recentSecret(SETTING),
  readAgain: () => freshSecret(SETTING),
});
