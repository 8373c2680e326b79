/** Something did not settle in time. */
export class TimeLimitExceeded extends Error {
  override readonly name = 'TimeLimitExceeded';

  constructor(limitMs: number) {
    super(`Nothing came within ${limitMs} ms`);
  }
}

/** Calls back after `delayMs`, and returns a function that cancels it. */
export type Schedule = (callback: () => void, delayMs: number) => () => void;

export function byTimer(callback: () => void, delayMs: number): () => void {
  const timer = setTimeout(callback, delayMs);
  return () => clearTimeout(timer);
}

/**
 * Waits for a promise, at most `limitMs`. Not with `AbortSignal.timeout`, which React Native lacks.
 * @throws TimeLimitExceeded
 */
export function withinTime<T>(limitMs: number, promise: PromiseLike<T> | T, schedule: Schedule = byTimer): Promise<T> {
  return new Promise((resolve, reject) => {
    const cancel = schedule(() => reject(new TimeLimitExceeded(limitMs)), limitMs);
    Promise.resolve(promise).then(resolve, reject).finally(cancel);
  });
}
