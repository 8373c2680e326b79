import { logger } from './logger.ts';

/** `read` may answer from a cache; `readAgain` must not. */
interface Readers<T> {
  readonly read: () => Promise<T>;
  readonly readAgain: () => Promise<T>;
  readonly now?: () => Date;
  readonly random?: () => number;
}

/** The largest part of its maximum age that a value loses at random. */
const JITTER = 0.25;

/**
 * Returns a random age of at most `maxAgeMs`, after which to read a value again. Containers that started together, as
 * after a deployment, then do not read together for as long as they live.
 * @param random from 0, which is `maxAgeMs`, to 1
 */
export function jitteredAge(maxAgeMs: number, random: () => number = Math.random): number {
  return maxAgeMs * (1 - JITTER * random());
}

/**
 * Caches a rarely changing value and refreshes it after `maxAgeMs` or, at random, somewhat earlier. If the refresh fails,
 * the old value stays until the next one: it worked a moment ago. The failure is logged, or nobody would notice that a new
 * key is not picked up.
 */
export function cached<T>(maxAgeMs: number, { read, readAgain, now = () => new Date(), random }: Readers<T>) {
  let kept: { readonly value: T; readonly untilMs: number } | undefined;
  return async (): Promise<T> => {
    const nowMs = now().getTime();
    const untilMs = nowMs + jitteredAge(maxAgeMs, random);
    if (kept === undefined) kept = { value: await read(), untilMs };
    else if (nowMs >= kept.untilMs) {
      const { value } = kept;
      const read = readAgain().catch((error: unknown) => {
        logger().error('Setting not read again', { error: error as Error });
        return value;
      });
      kept = { value: await read, untilMs };
    }
    return kept.value;
  };
}
