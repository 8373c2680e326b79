import path from 'node:path';
import { runPython } from '../jest/programs.ts';

/** What a podcast app finds in a feed, as read_feed.py returns it. */
export interface ReadFeed {
  readonly bozo: boolean;
  readonly entries: readonly Readonly<Record<string, unknown>>[];
  readonly [member: string]: unknown;
}

/** Parses a feed with an independent parser. */
export async function readFeed(xml: string): Promise<ReadFeed> {
  return (await runPython(path.join(import.meta.dirname, 'read_feed.py'), xml)) as ReadFeed;
}
