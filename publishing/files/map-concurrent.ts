/**
 * Maps items with limited concurrency and returns the results in order. After a failure it starts nothing new, and
 * throws once the work in progress has ended, so that nothing continues unseen.
 */
export async function mapConcurrent<T, R>(
  atOnce: number,
  items: readonly T[],
  work: (item: T) => Promise<R>,
): Promise<R[]> {
  const results = new Map<number, R>();
  const queue = items.entries();
  let failed = false;

  async function runWorker(): Promise<void> {
    for (const [index, item] of queue) {
      try {
        results.set(index, await work(item));
      } catch (error) {
        failed = true;
        throw error;
      }
      if (failed) return;
    }
  }

  const workers = Array.from({ length: Math.min(atOnce, items.length) }, runWorker);
  const ended = await Promise.allSettled(workers);
  for (const end of ended) if (end.status === 'rejected') throw end.reason;
  return [...results].toSorted(([a], [b]) => a - b).map(([, result]) => result);
}
