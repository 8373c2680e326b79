import { spawn } from 'node:child_process';
import { closeSync, openSync, writeFileSync } from 'node:fs';
import type { ProcessEntry } from './process-table.ts';

/** Precedes the pid of the starting process in the supervisor's command line. */
const OWNER_MARK = 'lectern-mongod-of';

/**
 * The shell between this process and mongod. Its input is a pipe that nobody writes to. The pipe ends when this process
 * closes it or dies, even by SIGKILL. Then the shell asks mongod to shut down, or kills it if its data are temporary
 * and removed with it. So a stop and a crash take the same path.
 */
const SUPERVISE = `
  scratch=$2; shift 2
  signal=TERM; [ -z "$scratch" ] || signal=KILL
  exec 3<&0
  "$@" 3<&- </dev/null & mongod=$!
  (read -r _ <&3; kill -$signal $mongod) 2>/dev/null & reader=$!
  wait $mongod; status=$?
  kill $reader 2>/dev/null
  [ -z "$scratch" ] || [ $status -ne 137 ] || rm -rf "$scratch"
  exit $status
`;

/** mongod shuts down in about a second. One that takes this long hangs. */
export const SHUTDOWN_SECONDS = 30;

export interface SupervisedMongod {
  /** The exit code, once it has ended. Null if a signal ended it. */
  readonly exited: Promise<number | null>;
  /** Shuts mongod down and waits until it is gone. */
  stop(): Promise<void>;
}

interface LaunchOptions {
  readonly command: readonly string[];
  readonly logPath: string;
  /** A folder to remove with mongod, even if this process has ended. */
  readonly scratch?: string | undefined;
}

/** Starts mongod under its supervisor in its own session, where a terminal's Ctrl-C does not reach it. */
export function launchMongod({ command, logPath, scratch = '' }: LaunchOptions): SupervisedMongod {
  const log = openEmptyLog(logPath);
  const args = ['-c', SUPERVISE, 'sh', `${OWNER_MARK}=${process.pid}`, scratch, ...command];
  const supervisor = spawn('sh', args, { detached: true, stdio: ['pipe', log, log] });
  const exited = new Promise<number | null>((resolve, reject) => {
    supervisor.once('error', reject);
    supervisor.once('exit', resolve);
  });
  // If only the shell was killed, this is what ends mongod.
  supervisor.once('exit', () => supervisor.stdin?.end());
  closeSync(log);
  // A running database alone must not keep its owner alive.
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

/** Emptied, then appended to, so that lines of two servers on one folder stay whole. */
function openEmptyLog(logPath: string): number {
  writeFileSync(logPath, '');
  return openSync(logPath, 'a');
}

function killGroup(leader: number | undefined): void {
  if (leader !== undefined) process.kill(-leader, 'SIGKILL');
}

/** Returns the pid of the process that started this supervisor. Undefined if the process is not a supervisor. */
export function ownerOf(supervisor: ProcessEntry | undefined): number | undefined {
  const pid = new RegExp(`${OWNER_MARK}=(\\d+)`).exec(supervisor?.command ?? '')?.[1];
  return pid === undefined ? undefined : Number(pid);
}
