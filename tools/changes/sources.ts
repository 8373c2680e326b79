import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { functionNames } from '../build/bundle.ts';
import { loadContract } from '../build/contract-plugin.ts';
import { parseTemplate } from '../template/yaml.ts';
import type { Sources } from './plan.ts';

/**
 * Reads what a checkout would deploy.
 * @param root folder of the project, with bundles in .build/functions
 */
export async function readSources(root: string): Promise<Sources> {
  const names = await functionNames(root);
  const bundles = names.map(
    async (name) => [name, await hashFolder(path.join(root, '.build/functions', name))] as const,
  );
  const stack = [
    // As data, so that comments make no difference.
    parseTemplate(await readFile(path.join(root, 'template.yaml'), 'utf8')),
    await readFile(path.join(root, 'samconfig.toml'), 'utf8'),
    await Promise.all(names.map((name) => routesOf(root, name))),
  ];
  return { stack: sha256(JSON.stringify(stack)), bundles: Object.fromEntries(await Promise.all(bundles)) };
}

async function routesOf(root: string, name: string): Promise<unknown> {
  const file = path.join(root, 'functions', name, 'contract.ts');
  // The authorizer has no contract.
  return existsSync(file) ? (await loadContract(root, file)).routes : null;
}

/** The SHA-256 of the names and contents of a folder's files, whatever zip they travel in. */
async function hashFolder(folder: string): Promise<string> {
  const files = (await readdir(folder)).sort();
  const lines = files.map(async (file) => `${sha256(await readFile(path.join(folder, file)))} ${file}`);
  return sha256((await Promise.all(lines)).join('\n'));
}

function sha256(data: string | Buffer): string {
  return createHash('sha256').update(data).digest('hex');
}
