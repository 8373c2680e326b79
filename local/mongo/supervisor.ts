import { spawn } from 'node:child_process';
import { closeSync, openSync, writeFileSync } from 'node:fs';
import type { ProcessEntry } from './process-table.ts';

/** Stands in the supervisor's command line before the pid of the process that started it. */
const MARK = 'lectern-mongod-of';

/**
 * The shell between this process and mongod. Its input is a pipe that nothing is ever written to: it ends when this process
 * closes it or dies, be it by SIGKILL, and then mongod is asked to shut down, or ended at once when its data are scratch and
 * go with it. So a stop and a crash take the same path.
 */
const SUPERVISE = `
  scratch=$2; shift 2
  signal=TERM; [ -z "$scratch" ] || signal=KILL
  exec 3<&0
  "$@" 3<&- </dev/null & mongod=$!
  (read -r _ <&3; kill -$signal $mongod) 2>/dev/null &
  wait $mongod; status=$?
  [ -z "$scratch" ] || [ $status -ne 137 ] || rm -rf "$scratch"
  exit $status
`;

/** A mongod shuts down in about a second; one that takes this long hangs. */
export const SHUTDOWN_SECONDS = 30;

export interface SupervisedMongod {
  /** The exit code, once it has ended; null when a signal ended it. */
  readonly exited: Promise<number | null>;
  /** Has mongod shut down and waits until it is gone. */
  stop(): Promise<void>;
}

interface LaunchOptions {
  readonly command: readonly string[];
  readonly logPath: string;
  /** A folder that goes with mongod, even if this process is no more. */
  readonly scratch?: string | undefined;
}

/** Starts mongod in a session of its own, where a terminal's Ctrl-C does not reach it, under its supervisor. */
export function launchMongod({ command, logPath, scratch = '' }: LaunchOptions): SupervisedMongod {
  const log = openAfresh(logPath);
  const args = ['-c', SUPERVISE, 'sh', `${MARK}=${process.pid}`, scratch, ...command];
  const supervisor = spawn('sh', args, { detached: true, stdio: ['pipe', log, log] });
  const exited = new Promise<number | null>((resolve, reject) => {
    supervisor.once('error', reject);
    supervisor.once('exit', resolve);
  });
  closeSync(log);
  // A running database alone is no reason for its owner to stay.
  supervisor.unref();

  return {
    exited,
    stop: async () => {
      supervisor.ref();
      supervisor.stdin?.end();
      const overdue = setTimeout(() => killGroup(supervisor.pid), SHUTDOWN_SECONDS * 1000);
      await exited;
      clearTimeout(overdue);
    },
  };
}

/** Emptied, then appended to: should two servers start on one folder at once, their lines stay whole. */
function openAfresh(logPath: string): number {
  writeFileSync(logPath, '');
  return openSync(logPath, 'a');
}

function killGroup(leader: number | undefined): void {
  if (leader !== undefined) process.kill(-leader, 'SIGKILL');
}

/** The pid of the process that started this supervisor; undefined when the process is no supervisor. */
export function ownerOf(supervisor: ProcessEntry | undefined): number | undefined {
  const pid = new RegExp(`${MARK}=(\\d+)`).exec(supervisor?.command ?? '')?.[1];
  return pid === undefined ? undefined : Number(pid);
}
