import { problem } from '../../../shared/http/problem.ts';
import type { AttemptCounter } from './attempt-limits.ts';
import { increment, refund } from './rate-limit-repository.ts';

/**
 * Counts an attempt before it is made, so that concurrent attempts cannot slip through together. An attempt that its
 * own counter refuses does not count for the shared ones: one network could otherwise use up everyone's attempts at no
 * cost.
 * @throws Problem `too-many-requests`, with the seconds until the next attempt is allowed.
 */
export async function countAttempt(
  [own, ...shared]: readonly [AttemptCounter, ...AttemptCounter[]],
  now: Date,
): Promise<void> {
  await count([own], now);
  await count(shared, now);
}

async function count(counters: readonly AttemptCounter[], now: Date): Promise<void> {
  const counted = await Promise.all(
    counters.map(async (counter) => ({ ...counter, ...(await increment(counter.id, counter.windowSeconds, now)) })),
  );
  const waits = counted
    .filter(({ count, attempts }) => count > attempts)
    .map(({ windowEndsAt }) => Math.ceil((windowEndsAt.getTime() - now.getTime()) / 1000));
  if (waits.length === 0) return;
  throw problem('too-many-requests', {
    detail: 'Too many attempts; try again later.',
    headers: { 'Retry-After': String(Math.max(1, ...waits)) },
  });
}

/** Resets the attempt's own counter after a success, and refunds the attempt to the shared ones. */
export async function refundAttempts([own, ...shared]: readonly [AttemptCounter, ...AttemptCounter[]]): Promise<void> {
  await refund(
    own.id,
    shared.map(({ id }) => id),
  );
}
