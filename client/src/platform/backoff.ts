const FIRST_MS = 1000;

/**
 * Returns how long to wait before the next attempt, in milliseconds: exponentially longer, with jitter, so that devices that
 * failed together do not retry together, and never less than the server asked for.
 * @param failures in a row, at least 1
 * @param random a number from 0 to 1
 */
export function backoffMs(failures: number, longestMs: number, retryAfterMs: number, random: number): number {
  const longest = Math.min(longestMs, FIRST_MS * 2 ** (failures - 1));
  const backoff = longest * (0.5 + random / 2);
  // Jitter after what was asked for too: many devices were asked the same.
  return retryAfterMs > 0 ? Math.max(backoff, retryAfterMs * (1 + random / 10)) : backoff;
}
