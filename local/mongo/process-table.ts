import { readFile } from 'node:fs/promises';
import { codeOf } from '../../tools/platform/errors.ts';
import { run } from '../../tools/platform/run.ts';

export interface ProcessEntry {
  readonly pid: number;
  readonly parent: number;
  /** The whole command line, its arguments separated by spaces. */
  readonly command: string;
}

/** Looks a process up. A zombie has ended and does not count. */
export async function findProcess(pid: number): Promise<ProcessEntry | undefined> {
  const entry = process.platform === 'linux' ? await fromProc(pid) : await fromPs(pid);
  return entry?.command === '' ? undefined : entry;
}

/** Slim container images have no ps, but every Linux has /proc. */
async function fromProc(pid: number): Promise<ProcessEntry | undefined> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
    const command = await readFile(`/proc/${pid}/cmdline`, 'utf8');
    // "pid (name) state parent …", in which the name may contain spaces and brackets.
    const parent = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1];
    return { pid, parent: Number(parent), command: command.replaceAll('\0', ' ').trim() };
  } catch (error) {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ESRCH') return undefined;
    throw error;
  }
}

async function fromPs(pid: number): Promise<ProcessEntry | undefined> {
  const args = ['-ww', '-o', 'ppid=,command=', '-p', String(pid)];
  // ps fails if there is no such process.
  const line = await run('/bin/ps', args, { env: {}, silenceSeconds: 5 }).catch(() => '');
  const [, parent, command] = /^(\d+)\s+(.*)$/.exec(line.trim()) ?? [];
  return command === undefined ? undefined : { pid, parent: Number(parent), command };
}
