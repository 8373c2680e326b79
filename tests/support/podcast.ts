import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { toolPath } from './tools.ts';

/** What a podcast app found in a feed, as in tests/support/python/read_feed.py. */
export interface ReadFeed {
  readonly bozo: boolean;
  readonly entries: readonly Readonly<Record<string, unknown>>[];
  readonly [member: string]: unknown;
}

/** Parses a feed with an independent parser. */
export async function readFeed(xml: string): Promise<ReadFeed> {
  const script = path.join(import.meta.dirname, 'python/read_feed.py');
  const run = promisify(execFile)(toolPath('python'), [script], { maxBuffer: 64 * 1024 * 1024 });
  run.child.stdin?.end(xml);
  return JSON.parse((await run).stdout) as ReadFeed;
}
