import { readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';

/** What a running system tells other commands of this folder, such as `npm run import-course`. */
export interface Running {
  readonly pid: number;
  readonly apiUrl: string;
  readonly mediaUrl: string;
  readonly mongodbUri: string;
}

const fileIn = (dataDir: string) => path.join(dataDir, 'running.json');

/** The system that runs on this data folder, or null; what a killed process left behind does not count. */
export async function findRunning(dataDir: string): Promise<Running | null> {
  try {
    const noted: unknown = JSON.parse(await readFile(fileIn(dataDir), 'utf8'));
    return isRunning(noted) && isAlive(noted.pid) ? noted : null;
  } catch (error) {
    if (error instanceof SyntaxError || (error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

function isRunning(value: unknown): value is Running {
  const { pid, apiUrl, mediaUrl, mongodbUri } = (value ?? {}) as Readonly<Record<string, unknown>>;
  return Number.isInteger(pid) && [apiUrl, mediaUrl, mongodbUri].every((url) => typeof url === 'string');
}

export async function announceRunning(dataDir: string, running: Running): Promise<void> {
  await writeFile(fileIn(dataDir), `${JSON.stringify(running, null, 2)}\n`, { mode: 0o600 });
}

export async function withdrawRunning(dataDir: string): Promise<void> {
  await rm(fileIn(dataDir), { force: true });
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
