import { askDirectly } from '../direct/ask-directly.ts';
import type { ReadyFunction } from '../direct/invoke-directly.ts';
import type { Values } from '../direct/placeholders.ts';

/**
 * Opens the feed of events/podcast/open-feed.json, and answers what stands for the `feed token` of the other events.
 * @param signedIn what signing in gave
 * @throws Error when there is no feed to be had.
 */
export async function openFeed(root: string, podcast: ReadyFunction, signedIn: Values): Promise<Values> {
  const { status, body } = await askDirectly(root, podcast, 'open-feed', signedIn);
  if (status !== 200) throw new Error(`podcast failed to open a feed: ${status} ${body.toString()}`);
  return feedTokenIn(body.toString());
}

/** The token in the address of a feed that an answer of `podcast` holds, by its placeholder; none in any other answer. */
export function feedTokenIn(body: string): Values {
  const token = /"url":"[^"]*\/feeds\/([\w-]+)"/.exec(body)?.[1];
  return token === undefined ? {} : { 'feed token': token };
}
