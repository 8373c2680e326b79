import { askDirectly } from '../direct/ask-directly.ts';
import type { ReadyFunction } from '../direct/invoke-directly.ts';
import type { Values } from '../direct/placeholders.ts';

/**
 * Opens the feed of events/podcast/open-feed.json, and returns the value of `feed token` for the other events.
 * @param signedIn values from signing in
 * @throws Error if the feed cannot be opened.
 */
export async function openFeed(root: string, podcast: ReadyFunction, signedIn: Values): Promise<Values> {
  const { status, body } = await askDirectly(root, podcast, 'open-feed', signedIn);
  if (status !== 200) throw new Error(`podcast failed to open a feed: ${status} ${body.toString()}`);
  return feedTokenIn(body.toString());
}

/** Returns the token in the feed address of an answer of `podcast`, by its placeholder. Empty for any other answer. */
export function feedTokenIn(body: string): Values {
  const token = /"url":"[^"]*\/feeds\/([\w-]+)"/.exec(body)?.[1];
  return token === undefined ? {} : { 'feed token': token };
}
