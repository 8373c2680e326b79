import { readdir } from 'node:fs/promises';
import { setTimeout as wait } from 'node:timers/promises';
import { findProcess, type ProcessEntry } from '../../../local/mongo/process-table.ts';
import { run } from '../../../tools/platform/run.ts';

/** Returns the processes that a process has started and that still run, directly or through others. */
export async function descendantsOf(pid: number): Promise<readonly ProcessEntry[]> {
  const entries = await Promise.all((await allPids()).map(findProcess));
  const running = entries.filter((entry) => entry !== undefined);
  const found = new Set([pid]);
  // Until nothing is added: a process may be listed before its parent.
  for (let before = 0; before < found.size; ) {
    before = found.size;
    for (const entry of running) if (found.has(entry.parent)) found.add(entry.pid);
  }
  return running.filter((entry) => entry.pid !== pid && found.has(entry.pid));
}

/** Waits until all of these processes have ended. Has no timeout of its own: jest's ends the wait. */
export async function untilGone(pids: readonly number[]): Promise<void> {
  for (const pid of pids) while ((await findProcess(pid)) !== undefined) await wait(20);
}

async function allPids(): Promise<number[]> {
  if (process.platform === 'linux') return (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const listed = await run('/bin/ps', ['-axo', 'pid='], { env: {} });
  return listed.trim().split('\n').map(Number);
}
