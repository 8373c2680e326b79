import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { functionNames } from '../build/bundle.ts';
import { hashBundle } from '../release/bundle-hash.ts';
import { fingerprints } from '../release/fingerprint.ts';
import { hashData } from '../release/hash.ts';
import type { Sources } from './plan.ts';

/**
 * Reads what a checkout would deploy.
 * @param root folder of the project, with bundles in .build/functions
 */
export async function readSources(root: string): Promise<Sources> {
  const samconfig = await readFile(path.join(root, 'samconfig.toml'), 'utf8');
  const bundles = (await functionNames(root)).map(
    async (name) => [name, await hashBundle(path.join(root, '.build/functions', name))] as const,
  );
  return {
    stack: hashData([await fingerprints(root), samconfig]),
    bundles: Object.fromEntries(await Promise.all(bundles)),
  };
}
