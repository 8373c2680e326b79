import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';

/** The secrets of this machine's system: made at random on the first start, kept in the data folder, nowhere else. */
export async function localSecrets(dataDir: string): Promise<Readonly<Record<string, string>>> {
  const file = path.join(dataDir, 'secrets.json');
  const kept = await readKept(file);
  const secrets = { CURSOR_KEY: randomBytes(32).toString('base64url'), ...kept };
  if (Object.keys(secrets).length > Object.keys(kept).length) {
    await writeFile(file, `${JSON.stringify(secrets, null, 2)}\n`, { mode: 0o600 });
  }
  return secrets;
}

async function readKept(file: string): Promise<Readonly<Record<string, string>>> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as Readonly<Record<string, string>>;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {};
    throw new Error(`${file} cannot be read; remove it and start again`, { cause: error });
  }
}
