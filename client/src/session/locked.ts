import { RequestFailed } from '../platform/http.ts';
import { withLock } from '../platform/locks.ts';
import { TimeLimitExceeded, withinTime } from '../platform/time-limit.ts';

/**
 * Does the work while no other tab does such work. Stops waiting after a time, because a browser may suspend a tab that has
 * the lock. The work may then still happen later.
 * @throws RequestFailed after that time
 */
export async function locked<T>(name: string, limitMs: number, work: () => Promise<T>): Promise<T> {
  try {
    return await withinTime(limitMs, withLock(name, work));
  } catch (error) {
    throw error instanceof TimeLimitExceeded ? new RequestFailed('Another tab does not respond') : error;
  }
}
