import { logger } from './logger.ts';

/** How a value is had at first, and how as it is now. */
interface Readers<T> {
  readonly read: () => Promise<T>;
  readonly readAgain: () => Promise<T>;
  readonly now?: () => Date;
}

/**
 * Gives a value that changes seldom: read once, then again when it is older than `maxAgeMs`. When that fails it stays as
 * it was until the next time, since what was good a moment ago serves better than nothing; and it is logged, since nobody
 * would see otherwise that a key that was changed is not taken up.
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
