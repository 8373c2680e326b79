import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { createSigningKey } from './signing-key.ts';

type Secrets = Readonly<Record<string, string>>;

/** The secrets of this machine's system: made at random on the first start, kept in the data folder, nowhere else. */
export async function localSecrets(dataDir: string): Promise<Secrets> {
  const file = path.join(dataDir, 'secrets.json');
  const kept = await readKept(file);
  const secrets = { ...createSecrets(), ...kept };
  if (Object.keys(secrets).length > Object.keys(kept).length) {
    await writeFile(file, `${JSON.stringify(secrets, null, 2)}\n`, { mode: 0o600 });
  }
  return secrets;
}

function createSecrets(): Secrets {
  const { privateKey, publicKeys } = createSigningKey();
  return {
    CURSOR_KEY: randomBytes(32).toString('base64url'),
    REFRESH_KEY: randomBytes(32).toString('base64url'),
    RATE_LIMIT_KEY: randomBytes(32).toString('base64url'),
    ACCESS_TOKEN_PRIVATE_KEY: privateKey,
    ACCESS_TOKEN_PUBLIC_KEYS: publicKeys,
    SAMPLE_PASSWORD: randomBytes(9).toString('base64url'),
  };
}

/**
 * The secrets that a function may have: those whose parameter its environment in the template names, and no others. So
 * the private key is with the function that signs, here as in AWS.
 * @param environment the function's variables in the template, such as `CURSOR_KEY_PARAMETER`
 */
export function secretsFor(environment: Secrets, secrets: Secrets): Secrets {
  return Object.fromEntries(Object.entries(secrets).filter(([name]) => `${name}_PARAMETER` in environment));
}

async function readKept(file: string): Promise<Secrets> {
  try {
    const kept: unknown = JSON.parse(await readFile(file, 'utf8'));
    if (isSecrets(kept)) return kept;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {};
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw new Error(`${file} does not hold the secrets of this machine any more; remove it and start again`);
}

function isSecrets(value: unknown): value is Secrets {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  return Object.values(value).every((secret) => typeof secret === 'string' && secret !== '');
}
