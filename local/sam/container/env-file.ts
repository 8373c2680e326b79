import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { FunctionVariables } from '../../function-variables.ts';

export interface EnvFile {
  readonly path: string;
  remove(): Promise<void>;
}

/**
 * A file for `--env-vars`: the variables of each function, by logical id. They are secrets, so the file is in a folder
 * that only its owner can enter, and exists only while sam runs.
 */
export async function createEnvFile(variables: FunctionVariables): Promise<EnvFile> {
  const folder = await mkdtemp(path.join(tmpdir(), 'lectern-sam-'));
  const file = path.join(folder, 'env.json');
  await writeFile(file, JSON.stringify(variables), { mode: 0o600 });
  return { path: file, remove: () => rm(folder, { recursive: true, force: true }) };
}
