import type { Contract } from '../shared/http/contract.ts';
import { functionNames } from './bundle/bundle.ts';

/** The contract of every function, by the function's name. */
export async function loadContracts(root: string): Promise<ReadonlyMap<string, Contract>> {
  const loaded = (await functionNames(root)).map(async (name) => {
    const { contract } = (await import(`../functions/${name}/contract.ts`)) as { readonly contract: Contract };
    return [name, contract] as const;
  });
  return new Map(await Promise.all(loaded));
}
