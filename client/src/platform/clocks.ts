import { byTimer } from './time-limit.ts';

export interface Clocks {
  /** The device's clock, in milliseconds. May be set. */
  readonly now?: (() => number) | undefined;
  /** Milliseconds since any start, unaffected by changes of the clock. May stop while the device sleeps. */
  readonly monotonic?: (() => number) | undefined;
}

/** Timers stop while a device sleeps, so a longer wait is looked at again after this. */
const LONGEST_TIMER_MS = 60_000;

/** Calls back after at most a minute, however long the delay, so that the caller looks at its clocks again after a sleep. */
export function scheduleByTimer(callback: () => void, delayMs: number): () => void {
  return byTimer(callback, Math.min(delayMs, LONGEST_TIMER_MS));
}

/**
 * Returns a function that starts a stopwatch, which returns the milliseconds since then by the clock that went further: a
 * monotonic clock may stand still while the device sleeps, and the other one may be set back.
 */
export function stopwatchesOf({ now = () => Date.now(), monotonic = ticks }: Clocks): () => () => number {
  return () => {
    const [time, tick] = [now(), monotonic()];
    return () => Math.max(now() - time, monotonic() - tick);
  };
}

/** Some versions of React Native have no `performance`. */
export function ticks(): number {
  return typeof performance === 'undefined' ? Date.now() : performance.now();
}
