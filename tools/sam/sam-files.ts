import { chmod, mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { codeOf } from '../platform/errors.ts';

/** No variables: the functions of a plain `sam local` then find no database, and say so. */
const NO_VARIABLES = '{}\n';

const variablesFile = (folder: string) => path.join(folder, 'env.json');

/**
 * Creates the files that samconfig.toml names for `sam local`, unless they exist: sam demands them. The parameters are
 * those of this machine.
 */
export async function ensureSamFiles(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  // Also one that existed with other permissions.
  await chmod(folder, 0o700);
  await writeFile(path.join(folder, 'parameters.yaml'), `Architecture: ${lambdaArchitecture(process.arch)}\n`);
  if ((await readVariables(folder)) === null) await replaceVariables(folder, NO_VARIABLES);
}

/** Stores the variables of each function, by logical id. They are secrets. Returns what the file contains. */
export async function writeVariables(folder: string, variables: object): Promise<string> {
  const text = `${JSON.stringify(variables, null, 2)}\n`;
  await replaceVariables(folder, text);
  return text;
}

/** Removes the variables, unless another system has replaced them meanwhile. */
export async function clearSamFiles(folder: string, written: string): Promise<void> {
  if ((await readVariables(folder)) === written) await replaceVariables(folder, NO_VARIABLES);
}

/** Lambda's name of a processor, so that containers run without emulation. */
export function lambdaArchitecture(arch: string): 'arm64' | 'x86_64' {
  return arch === 'arm64' ? 'arm64' : 'x86_64';
}

async function readVariables(folder: string): Promise<string | null> {
  try {
    return await readFile(variablesFile(folder), 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null;
    throw error;
  }
}

/** Atomic, so that sam never reads a part. */
async function replaceVariables(folder: string, text: string): Promise<void> {
  const unfinished = `${variablesFile(folder)}.${process.pid}`;
  await writeFile(unfinished, text, { mode: 0o600 });
  await rename(unfinished, variablesFile(folder));
}
