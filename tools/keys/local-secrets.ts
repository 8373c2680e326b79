import { randomBytes, randomUUID } from 'node:crypto';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { codeOf } from '../platform/errors.ts';
import { parseObject } from '../platform/json.ts';
import { createSigningKey } from './access-token/create-signing-key.ts';
import { createMediaKeys } from './media/media-keys.ts';

type Secrets = Readonly<Record<string, string>>;

/** Secrets that are only random, so that whichever is missing can be created. */
export const RANDOM_KEYS = ['CURSOR_KEY', 'REFRESH_KEY', 'RATE_LIMIT_KEY', 'FEED_KEY'] as const;

/** Creates a value for one of {@link RANDOM_KEYS}: 256 bits. */
export function createRandomKey(): string {
  return randomBytes(32).toString('base64url');
}

/**
 * Returns the secrets of the local system. They are created at random on the first start and stored only in the data
 * folder.
 */
export async function localSecrets(dataDir: string): Promise<Secrets> {
  const kept = await readSecrets(dataDir);
  // Media keys are created only when needed, because an RSA key takes a while. They are useful only together.
  const media = 'MEDIA_SIGNING_KEY' in kept ? {} : createMediaKeys();
  const secrets = { ...createSecrets(), ...kept, ...media };
  if (Object.keys(secrets).length > Object.keys(kept).length) await writeSecrets(dataDir, secrets);
  return secrets;
}

function createSecrets(): Secrets {
  const { privateKey, publicKeys } = createSigningKey();
  return {
    ...Object.fromEntries(RANDOM_KEYS.map((name) => [name, createRandomKey()])),
    ACCESS_TOKEN_PRIVATE_KEY: privateKey,
    ACCESS_TOKEN_PUBLIC_KEYS: publicKeys,
    SAMPLE_PASSWORD: randomBytes(9).toString('base64url'),
  };
}

/**
 * Returns the secrets that a function may have: exactly those whose parameter its environment in the template names. So
 * only the function that signs has the private key, as in AWS.
 * @param environment the function's variables in the template, such as `CURSOR_KEY_PARAMETER`
 */
export function secretsFor(environment: Secrets, secrets: Secrets): Secrets {
  return Object.fromEntries(Object.entries(secrets).filter(([name]) => `${name}_PARAMETER` in environment));
}

/** Returns the path of the secrets file in a data folder. */
export function secretsFile(dataDir: string): string {
  return path.join(dataDir, 'secrets.json');
}

/** Reads the secrets in the data folder. Empty before the first start. */
export async function readSecrets(dataDir: string): Promise<Secrets> {
  const file = secretsFile(dataDir);
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  });
  if (text === undefined) return {};
  const secrets = parseObject(text);
  if (secrets !== undefined && isSecrets(secrets)) return secrets;
  throw new Error(`${file} is damaged: it does not contain the secrets of this machine. Delete it and start again.`);
}

/** Replaces all secrets. Atomic, even if it fails or the machine goes down. */
export async function writeSecrets(dataDir: string, secrets: Secrets): Promise<void> {
  const file = secretsFile(dataDir);
  const unfinished = `${file}.${randomUUID()}`;
  try {
    await writeFile(unfinished, `${JSON.stringify(secrets, null, 2)}\n`, { mode: 0o600, flush: true });
    await rename(unfinished, file);
  } finally {
    await rm(unfinished, { force: true });
  }
}

function isSecrets(object: Readonly<Record<string, unknown>>): object is Secrets {
  return Object.values(object).every((secret) => typeof secret === 'string' && secret !== '');
}
