import type { ReadyFunction } from '../direct/invoke-directly.ts';
import type { Values } from '../direct/placeholders.ts';
import { openFeed } from './open-feed.ts';
import { signIn } from './sign-in.ts';

/** What only the function podcast gives a value; all others come of signing in. */
const OF_A_FEED = 'feed token';

export interface SampleLearner {
  readonly root: string;
  /** Of the sample accounts. */
  readonly password: string;
  readonly ready: (functionName: string) => ReadyFunction | Promise<ReadyFunction>;
}

/**
 * What stands for these placeholders of events, as the sample account of events/auth/login.json. Null where nobody can be
 * signed in.
 * @throws Error when a function that is needed for it fails.
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
