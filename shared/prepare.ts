/*
 * What every request needs, such as secrets and a connection to the database, is prepared when a function is loaded. That
 * is Lambda's init phase, in which a container has a whole processor and afterwards, at 512 MB, 0.29 of one
 * (docs/decisions/0042).
 */

/** Prepares something. Settles within {@link PREPARATION_MS} and may fail: the first request that needs it tries again. */
type Step = () => unknown;

/**
 * How long a preparation may take, in milliseconds. Ten times what it takes in general, and short enough that a request
 * which needs nothing of it, such as that for the public keys while the database is away, may wait for it.
 */
export const PREPARATION_MS = 1000;

const steps: Step[] = [];

/** Adds a step to the preparation of each function that imports the calling module. Steps start in the order of imports. */
export function prepareBy(step: Step): void {
  steps.push(step);
}

/** A handler whose bundle awaits `prepare` when it is loaded (tools/build/bundle.ts). */
export interface Prepared {
  prepare(): Promise<void>;
}

/** Makes a handler prepare what the modules need that it imports. Failures are kept for the first request. */
export function prepared<Handler extends object>(handler: Handler): Handler & Prepared {
  return Object.assign(handler, {
    async prepare() {
      await Promise.allSettled(steps.map(async (step) => step()));
    },
  });
}
