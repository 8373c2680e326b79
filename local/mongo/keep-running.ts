import { constants } from 'node:os';
import { setTimeout as wait } from 'node:timers/promises';
import { messageOf } from '../../tools/platform/errors.ts';
import type { Primary } from './embedded.ts';

interface KeepRunningDeps {
  /** Starts the server again on the same port and data. */
  readonly restart: () => Promise<Primary>;
  readonly report: (message: string) => void;
  readonly logPath: string;
  readonly now?: () => number;
  readonly pause?: (seconds: number, signal: AbortSignal) => Promise<unknown>;
}

/**
 * How long to wait before each restart in a row: never so long that somebody gives up waiting. After the last one it
 * takes a person.
 */
const PAUSES_SECONDS = [0, 1, 2, 5, 10, 10, 10, 10, 10] as const;

/** A server that ran this long has recovered: its next end is not one in a row. */
const RECOVERED_SECONDS = 15;

/**
 * Starts the server again whenever it ends, a limited number of times in a row.
 * @returns stops it for good
 */
export function keepRunning(first: Primary, deps: KeepRunningDeps): () => Promise<void> {
  const { restart, report, logPath, now = Date.now, pause = pauseUnreferenced } = deps;
  const stopping = new AbortController();
  let current: Primary | undefined = first;

  async function watchOver(): Promise<void> {
    let restarts = 0;
    let runningSince: number | undefined = now();
    let cause = reasonOf(await first.exited);
    while (!stopping.signal.aborted) {
      if (runningSince !== undefined && now() - runningSince >= RECOVERED_SECONDS * 1000) restarts = 0;
      runningSince = undefined;
      const seconds = PAUSES_SECONDS[restarts];
      restarts += 1;
      if (seconds === undefined) {
        report(`The database stopped ${restarts} times in a row (${cause}) and is not started again.`);
        report(`Look into its log, ${logPath}, and at the free memory and disk space. Then restart Lectern.`);
        return;
      }
      report(`The database stopped (${cause}). Starting it again${seconds === 0 ? '' : ` in ${seconds} s`} …`);
      current = undefined;
      await pause(seconds, stopping.signal).catch(() => undefined);
      if (stopping.signal.aborted) return;

      try {
        current = await restart();
        runningSince = now();
      } catch (error) {
        [cause = ''] = messageOf(error).split('\n');
        continue;
      }
      if (stopping.signal.aborted) return;
      report('The database runs again.');
      cause = reasonOf(await current.exited);
    }
  }

  const watching = watchOver();
  return async () => {
    stopping.abort();
    await current?.stop();
    await watching;
    // Started while it was to stop.
    await current?.stop();
  };
}

/** Must not keep the process alive. */
function pauseUnreferenced(seconds: number, signal: AbortSignal): Promise<void> {
  return wait(seconds * 1000, undefined, { signal, ref: false });
}

/** Returns the signal or the exit code. A shell reports a signal as 128 plus its number. */
function reasonOf(exitCode: number | null): string {
  if (exitCode === null) return 'its supervisor was killed';
  const signal = Object.entries(constants.signals).find(([, number]) => number === exitCode - 128);
  return signal?.[0] ?? `exit code ${exitCode}`;
}
