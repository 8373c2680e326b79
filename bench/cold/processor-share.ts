import { mkdir, readFile, rmdir, writeFile } from 'node:fs/promises';
import path from 'node:path';

/** Holds processes to a share of a processor. */
export interface ProcessorShare {
  hold(pid: number, share: number): Promise<void>;
  release(pid: number): Promise<void>;
  close(): Promise<void>;
}

const ROOT = '/sys/fs/cgroup';

/** Of the scheduler, in microseconds. A process that has used its part of one waits for the next. */
const PERIOD = 20_000;

/** Where the two versions of control groups have their files. */
const VERSIONS = [
  { parent: ROOT, files: (quota: number) => ({ 'cpu.max': `${quota} ${PERIOD}` }), mark: 'cgroup.controllers' },
  {
    parent: path.join(ROOT, 'cpu'),
    files: (quota: number) => ({ 'cpu.cfs_period_us': String(PERIOD), 'cpu.cfs_quota_us': String(quota) }),
    mark: 'cpu.cfs_quota_us',
  },
] as const;

/** Returns null where this process may not make control groups, such as on other systems than Linux. */
export async function openProcessorShare(): Promise<ProcessorShare | null> {
  for (const { parent, files, mark } of VERSIONS) {
    const group = path.join(parent, `lectern-bench-${process.pid}`);
    const limit = async (share: number) => {
      const settings = Object.entries(files(Math.round(share * PERIOD)));
      for (const [file, value] of settings) await writeFile(path.join(group, file), value);
    };
    try {
      // The root of version 1 has the second mark too, where `cpu` is a group of version 2 it has not.
      await readFile(path.join(parent, mark)).catch(() => readFile(path.join(parent, 'cgroup.procs')));
      await mkdir(group);
      try {
        await limit(1);
      } catch (error) {
        await rmdir(group);
        throw error;
      }
    } catch {
      continue;
    }
    return {
      async hold(pid, share) {
        await limit(share);
        await writeFile(path.join(group, 'cgroup.procs'), String(pid));
      },
      release: (pid) => writeFile(path.join(parent, 'cgroup.procs'), String(pid)),
      close: () => rmdir(group),
    };
  }
  return null;
}
