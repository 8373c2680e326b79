import type { ReadyFunction } from '../direct/invoke-directly.ts';
import type { Values } from '../direct/placeholders.ts';
import { openFeed } from './open-feed.ts';
import { signIn } from './sign-in.ts';

/** Placeholders that only the podcast function provides. All others come from signing in. */
const OF_A_FEED = 'feed token';

export interface SampleLearner {
  readonly root: string;
  /** For the sample accounts. */
  readonly password: string;
  readonly ready: (functionName: string) => ReadyFunction | Promise<ReadyFunction>;
}

/**
 * Returns the values of these placeholders, for the sample account of events/auth/login.json. Null if nobody can sign
 * in.
 * @throws Error if a function that it needs fails.
 */
export async function sampleValues(
  placeholders: readonly string[],
  { root, password, ready }: SampleLearner,
): Promise<Values | null> {
  if (placeholders.length === 0) return {};
  const signedIn = await signIn(root, await ready('auth'), password);
  if (signedIn === null || !placeholders.includes(OF_A_FEED)) return signedIn;
  return { ...signedIn, ...(await openFeed(root, await ready('podcast'), signedIn)) };
}
