import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { bundleBytes } from '../../bench/measuring/bundle-bytes.ts';
import { BUNDLE_BUDGETS } from '../../tools/build/budgets.ts';
import { bundleFunction, functionNames } from '../../tools/build/bundle.ts';

// Only what is the same on every machine; times are printed by `npm run bench`.

const root = path.resolve(import.meta.dirname, '../..');

let outDir: string;
beforeAll(async () => {
  outDir = await mkdtemp(path.join(os.tmpdir(), 'lectern-budgets-'));
});
afterAll(() => rm(outDir, { recursive: true }));

describe('a bundle', () => {
  it('has a budget, whatever the function', async () => {
    expect(new Set(Object.keys(BUNDLE_BUDGETS))).toEqual(new Set(await functionNames(root)));
  });

  it.each(Object.entries(BUNDLE_BUDGETS))('of %s stays within its budget', async (name, budget) => {
    const { metafile } = await bundleFunction(name, { root, outDir });
    const { coldStart, deployed } = bundleBytes(metafile);
    expect(coldStart / 1024).toBeLessThanOrEqual(budget.coldStart);
    expect(deployed / 1024).toBeLessThanOrEqual(budget.deployed);
  });
});
