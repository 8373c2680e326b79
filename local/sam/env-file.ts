import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

export interface EnvFile {
  readonly path: string;
  remove(): Promise<void>;
}

/**
 * A file for `--env-vars`: these variables, for every function that declares them. They are secrets, so the file is in a
 * folder that only its owner may enter, and is there for as long as sam runs.
 */
export async function createEnvFile(variables: Readonly<Record<string, string>>): Promise<EnvFile> {
  const folder = await mkdtemp(path.join(tmpdir(), 'lectern-sam-'));
  const file = path.join(folder, 'env.json');
  await writeFile(file, JSON.stringify({ Parameters: variables }), { mode: 0o600 });
  return { path: file, remove: () => rm(folder, { recursive: true, force: true }) };
}
