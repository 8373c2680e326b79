/** Does the work, and rejects as soon as the app aborts, even while the work waits. */
export async function untilAborted<T>(signal: AbortSignal | null, work: () => Promise<T>): Promise<T> {
  if (signal === null) return work();
  let stop: () => void = () => undefined;
  const aborted = new Promise<never>((_, reject) => {
    // React Native gives no reason.
    stop = () => reject(signal.reason ?? Object.assign(new Error('Aborted'), { name: 'AbortError' }));
  });
  if (signal.aborted) stop();
  signal.addEventListener('abort', stop);
  try {
    return await Promise.race([aborted, signal.aborted ? aborted : work()]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
