import { problem } from '../../../shared/http/problem.ts';
import type { AttemptCounter } from './attempt-limits.ts';
import { increment, settle } from './rate-limit-repository.ts';

/**
 * Counts an attempt before it is made, so that many at once do not slip through together. What its own counter refuses
 * was no attempt and counts for nobody else: else one network, refused at no cost, would use up what is for all.
 * @throws Problem `too-many-requests`, with the seconds until the counters that refuse let one through again.
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

/** After a success: the failures before it are forgotten, and what it counted for others is taken back. */
export async function forgiveAttempts([own, ...shared]: readonly [AttemptCounter, ...AttemptCounter[]]): Promise<void> {
  await settle(
    own.id,
    shared.map(({ id }) => id),
  );
}
