/** Long enough for one check of the driver, which checks an unreachable server every 500 ms, and for a new connection. */
const LEAST_PATIENCE_MS = 1000;

/**
 * How long a query waits until the database can be reached, in milliseconds. Requests at the beginning of an outage wait,
 * because a new primary is often elected soon. Later ones fail soon: a request that waits occupies a container.
 * @param awayMs how long the database has been out of reach, 0 if it is not known to be
 * @param deadlineMs the longest wait
 */
export function patienceMs(awayMs: number, deadlineMs: number): number {
  return Math.min(deadlineMs, Math.max(LEAST_PATIENCE_MS, deadlineMs - awayMs));
}
