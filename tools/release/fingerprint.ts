import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { functionNames } from '../build/bundle.ts';
import { loadContract } from '../build/contract-plugin.ts';
import { parseTemplate } from '../template/yaml.ts';
import { hashData } from './hash.ts';

/** What a deployment of one function may not change: only a deployment of the stack changes routes and resources. */
export interface Fingerprints {
  /** Of template.yaml. Comments and the order of keys make no difference. */
  readonly template: string;
  /** Of the routes of each function, by its name. */
  readonly contracts: Readonly<Record<string, string>>;
}

export async function fingerprints(root: string): Promise<Fingerprints> {
  const template = parseTemplate(readFileSync(path.join(root, 'template.yaml'), 'utf8'));
  const names = await functionNames(root);
  const contracts = names.map(async (name) => [name, hashData(await routesOf(root, name))] as const);
  return { template: hashData(template), contracts: Object.fromEntries(await Promise.all(contracts)) };
}

/** Returns the routes of a function. Empty for one that has no contract, such as the authorizer. */
async function routesOf(root: string, name: string): Promise<unknown> {
  const file = path.join(root, 'functions', name, 'contract.ts');
  return existsSync(file) ? (await loadContract(root, file)).routes : {};
}
