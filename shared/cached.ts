import { logger } from './logger.ts';

/** `read` may answer from a cache; `readAgain` must not. */
interface Readers<T> {
  readonly read: () => Promise<T>;
  readonly readAgain: () => Promise<T>;
  readonly now?: () => Date;
}

/**
 * Caches a rarely changing value and refreshes it after `maxAgeMs`. If the refresh fails, the old value stays until the
 * next one: it worked a moment ago. The failure is logged, or nobody would notice that a new key is not picked up.
 */
export function cached<T>(maxAgeMs: number, { read, readAgain, now = () => new Date() }: Readers<T>) {
  let kept: { readonly value: T; readonly atMs: number } | undefined;
  return async (): Promise<T> => {
    const nowMs = now().getTime();
    if (kept === undefined) kept = { value: await read(), atMs: nowMs };
    else if (nowMs - kept.atMs >= maxAgeMs) {
      const { value } = kept;
      const read = readAgain().catch((error: unknown) => {
        logger().error('Setting not read again', { error: error as Error });
        return value;
      });
      kept = { value: await read, atMs: nowMs };
    }
    return kept.value;
  };
}
