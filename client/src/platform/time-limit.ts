/** Something did not settle in time. */
export class TimeLimitExceeded extends Error {
  override readonly name = 'TimeLimitExceeded';

  constructor(limitMs: number) {
    super(`Nothing came within ${limitMs} ms`);
  }
}

/**
 * Waits for a promise, at most `limitMs`. Not with `AbortSignal.timeout`, which React Native lacks.
 * @throws TimeLimitExceeded
 */
export function withinTime<T>(limitMs: number, promise: PromiseLike<T> | T): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new TimeLimitExceeded(limitMs)), limitMs);
    const done = () => clearTimeout(timer);
    Promise.resolve(promise).then(resolve, reject).finally(done);
  });
}
