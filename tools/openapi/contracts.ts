import { existsSync } from 'node:fs';
import path from 'node:path';
import type { Contract } from '../../shared/http/contract.ts';
import { functionNames } from '../build/bundle.ts';

/** Loads the contract of every function that serves routes, by function name. The authorizer serves none. */
export async function loadContracts(root: string): Promise<ReadonlyMap<string, Contract>> {
  const serving = (await functionNames(root)).filter((name) =>
    existsSync(path.join(root, 'functions', name, 'contract.ts')),
  );
  const loaded = serving.map(async (name) => {
    const { contract } = (await import(`../../functions/${name}/contract.ts`)) as { readonly contract: Contract };
    return [name, contract] as const;
  });
  return new Map(await Promise.all(loaded));
}
