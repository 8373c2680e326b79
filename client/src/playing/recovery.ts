import { backoffMs } from '../platform/backoff.ts';
import { scheduleByTimer } from '../platform/clocks.ts';
import type { Schedule } from '../platform/time-limit.ts';
import type { Playback } from '../playback.ts';

export interface RecoveryOptions {
  readonly playback: Pick<Playback, 'renew'>;
  /** Stops loading. */
  readonly hold: () => void;
  /** Loads again with the current grant, from the current position. */
  readonly resume: () => void;
  readonly schedule?: Schedule | undefined;
  readonly random?: (() => number) | undefined;
}

/** Continues after failed requests for media. */
export interface Recovery {
  failed(): void;
  loaded(): void;
  /** There is a new grant. */
  granted(): void;
  stop(): void;
}

const LONGEST_RETRY_MS = 60_000;

/**
 * A script cannot tell a refused grant from a failure of the network, because CloudFront's own answers have no CORS headers.
 * So the first failure asks for a new grant, which shows what is wrong: the API grants, refuses, or cannot be reached.
 * If media fail with the new grant as well, that was not the reason, and they are loaded again later with the same one.
 */
export function createRecovery({
  playback,
  hold,
  resume,
  schedule = scheduleByTimer,
  random = Math.random,
}: RecoveryOptions): Recovery {
  /** In a row. */
  let failures = 0;
  let isHeld = false;
  let cancel = () => {};

  function goOn(): void {
    cancel();
    isHeld = false;
    resume();
  }

  return {
    failed() {
      if (isHeld) return;
      isHeld = true;
      failures += 1;
      hold();
      // If it fails, the playback retries it or has reported the refusal.
      if (failures === 1) playback.renew().catch(() => undefined);
      else cancel = schedule(goOn, backoffMs(failures - 1, LONGEST_RETRY_MS, 0, random()));
    },
    loaded() {
      if (!isHeld) failures = 0;
    },
    granted() {
      if (isHeld) goOn();
    },
    stop() {
      isHeld = true;
      cancel();
    },
  };
}
