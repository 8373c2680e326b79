const AT_ONCE = 4;

/** Works on a few items at once. After a failure it begins no more, waits for those in work, and throws the failure. */
export async function inParallel<T>(items: Iterable<T>, work: (item: T) => Promise<unknown>): Promise<void> {
  const rest = [...items];
  const failures: unknown[] = [];
  const worker = async () => {
    while (rest.length > 0 && failures.length === 0) {
      await work(rest.shift() as T).catch((error: unknown) => failures.push(error));
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  if (failures.length > 0) throw failures[0];
}
