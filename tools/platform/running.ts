import { readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { codeOf } from './errors.ts';
import { parseJson } from './json.ts';

/** What a running system tells other commands, such as `npm run import-course`. */
export interface Running {
  readonly pid: number;
  readonly apiUrl: string;
  readonly mediaUrl: string;
  readonly mongodbUri: string;
}

/** A local gateway answers anything within milliseconds. */
const PROBE_TIMEOUT_MS = 2000;

const fileIn = (dataDir: string) => path.join(dataDir, 'running.json');

/**
 * Finds the system that runs on this data folder. Null if there is none; the remains of a killed process do not count.
 */
export async function findRunning(dataDir: string): Promise<Running | null> {
  const text = await readFile(fileIn(dataDir), 'utf8').catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT') return '';
    throw error;
  });
  const announced = parseJson(text);
  return isRunning(announced) && (await isServing(announced.apiUrl)) ? announced : null;
}

function isRunning(value: unknown): value is Running {
  const { pid, apiUrl, mediaUrl, mongodbUri } = (value ?? {}) as Readonly<Record<string, unknown>>;
  return (
    Number.isInteger(pid) && Number(pid) > 0 && [apiUrl, mediaUrl, mongodbUri].every((url) => typeof url === 'string')
  );
}

export async function announceRunning(dataDir: string, running: Running): Promise<void> {
  await writeFile(fileIn(dataDir), `${JSON.stringify(running, null, 2)}\n`, { mode: 0o600 });
}

export async function withdrawRunning(dataDir: string): Promise<void> {
  await rm(fileIn(dataDir), { force: true });
}

/** Tells whether something answers there. The process id may belong to another program by now. */
function isServing(apiUrl: string): Promise<boolean> {
  return fetch(apiUrl, { signal: AbortSignal.timeout(PROBE_TIMEOUT_MS) }).then(
    () => true,
    () => false,
  );
}
