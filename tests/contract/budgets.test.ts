import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { bundleBytes } from '../../bench/measuring/bundle-bytes.ts';
import { BUNDLE_BUDGETS } from '../../tools/build/budgets.ts';
import { bundleFunction, functionNames } from '../../tools/build/bundle.ts';
import { expectNoProblems } from '../support/contract/no-problems.ts';

// Only sizes, which are the same on every machine. `npm run bench` prints times.

const root = path.resolve(import.meta.dirname, '../..');

let outDir: string;
beforeAll(async () => {
  outDir = await mkdtemp(path.join(os.tmpdir(), 'lectern-budgets-'));
});
afterAll(() => rm(outDir, { recursive: true }));

async function sizesOf(name: string) {
  const { metafile } = await bundleFunction(name, { root, outDir });
  return bundleBytes(metafile);
}

/** Adds the 5 % that budgets allow, in KiB. */
function withMargin(bytes: number): number {
  return Math.ceil(((bytes / 1024) * 1.05) / 5) * 5;
}

describe('a bundle', () => {
  it('has a budget for every function', async () => {
    const names = await functionNames(root);
    const problems = names
      .filter((name) => !(name in BUNDLE_BUDGETS))
      .map(async (name) => {
        const { coldStart, deployed } = await sizesOf(name);
        const budget = `{ coldStart: ${withMargin(coldStart)}, deployed: ${withMargin(deployed)} }`;
        // Quoted only if the key needs it, as the formatter wants it.
        const key = /^\w+$/.test(name) ? name : `'${name}'`;
        return `tools/build/budgets.ts has no budget for ${name}: add this to BUNDLE_BUDGETS\n  ${key}: ${budget},`;
      });
    expectNoProblems(await Promise.all(problems));
    expect(new Set(Object.keys(BUNDLE_BUDGETS))).toEqual(new Set(names));
  });

  it.each(Object.entries(BUNDLE_BUDGETS))('of %s stays within its budget', async (name, budget) => {
    const { coldStart, deployed } = await sizesOf(name);
    expect(coldStart / 1024).toBeLessThanOrEqual(budget.coldStart);
    expect(deployed / 1024).toBeLessThanOrEqual(budget.deployed);
  });
});
