import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { codeOf } from '../../tools/platform/errors.ts';
import { findProcess, type ProcessEntry } from './process-table.ts';
import { SET_NAME } from './replica-set.ts';
import { ownerOf, SHUTDOWN_SECONDS } from './supervisor.ts';

/** Who holds a data folder: nobody, a server in use, our own that was left behind, or a foreign mongod. */
export type Holder =
  | { readonly kind: 'nobody' }
  | { readonly kind: 'in-use'; readonly pid: number; readonly owner: number }
  | { readonly kind: 'orphan'; readonly pid: number }
  | { readonly kind: 'foreign'; readonly pid: number };

interface Evidence {
  readonly dbPath: string;
  /** The process that mongod.lock names. After a crash, it may be gone or be another program. */
  readonly lockHolder: ProcessEntry | undefined;
  /** The living process that started it, according to its supervisor. */
  readonly owner: number | undefined;
}

/** The part of mongod's command line that identifies ours. */
export function identifyingArguments(dbPath: string): readonly string[] {
  return ['--dbpath', dbPath, '--replSet', SET_NAME];
}

export function identifyHolder({ dbPath, lockHolder, owner }: Evidence): Holder {
  if (lockHolder === undefined) return { kind: 'nobody' };
  const { pid, command } = lockHolder;
  if (command.includes(identifyingArguments(dbPath).join(' '))) {
    return owner === undefined ? { kind: 'orphan', pid } : { kind: 'in-use', pid, owner };
  }
  const isOnFolder = command.includes('mongod') && `${command} `.includes(` ${dbPath} `);
  return isOnFolder ? { kind: 'foreign', pid } : { kind: 'nobody' };
}

/**
 * Waits until no mongod holds the folder. Ends our own if its owner is gone.
 *
 * @throws Error naming the process if the folder is in use.
 */
export async function waitUntilFree(dbPath: string, report: (message: string) => void): Promise<void> {
  const holder = await findHolder(dbPath);
  if (holder.kind === 'in-use') {
    throw new Error(
      `${dbPath} is in use by process ${holder.owner} (its mongod is pid ${holder.pid}): stop that process first`,
    );
  }
  if (holder.kind === 'foreign') {
    throw new Error(`${dbPath} is in use by a mongod that Lectern did not start (pid ${holder.pid}): stop it first`);
  }
  if (holder.kind === 'orphan') {
    report(`waiting for mongod (pid ${holder.pid}), left behind by an earlier run, to shut down`);
    await endOrphan(holder.pid, dbPath);
  }
}

/** Waits until the process is gone, since its port is released slightly later than its lock. */
async function endOrphan(pid: number, dbPath: string): Promise<void> {
  const killAt = Date.now() + SHUTDOWN_SECONDS * 1000;
  signal(pid, 'SIGTERM');
  while ((await findProcess(pid))?.command.includes(dbPath)) {
    if (Date.now() > killAt) signal(pid, 'SIGKILL');
    await wait(20);
  }
}

async function findHolder(dbPath: string): Promise<Holder> {
  const pid = await pidInLock(dbPath);
  const lockHolder = pid === undefined ? undefined : await findProcess(pid);
  const owner = lockHolder && ownerOf(await findProcess(lockHolder.parent));
  const ownerLives = owner !== undefined && (await findProcess(owner)) !== undefined;
  return identifyHolder({ dbPath, lockHolder, owner: ownerLives ? owner : undefined });
}

/** mongod empties mongod.lock when it shuts down. */
async function pidInLock(dbPath: string): Promise<number | undefined> {
  const lock = await readFile(join(dbPath, 'mongod.lock'), 'utf8').catch(() => '');
  return Number.parseInt(lock, 10) || undefined;
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    // It may have ended meanwhile.
    if (codeOf(error) !== 'ESRCH') throw error;
  }
}
