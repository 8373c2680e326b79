/*
 * Locks between the tabs and workers of a browser (Web Locks API), and within one process where there are none, as in React
 * Native and Node.
 */

/** The part of `navigator.locks` that the client uses. */
interface LockManagerLike {
  request<T>(name: string, work: () => Promise<T>): Promise<T>;
}

const held = new Map<string, Promise<unknown>>();

/** Does the work while nothing else holds the lock of that name. */
export function withLock<T>(name: string, work: () => Promise<T>): Promise<T> {
  return platformLocks()?.request(name, work) ?? inTurn(name, work);
}

function platformLocks(): LockManagerLike | undefined {
  return (globalThis as { navigator?: { locks?: LockManagerLike } }).navigator?.locks;
}

function inTurn<T>(name: string, work: () => Promise<T>): Promise<T> {
  const done = (held.get(name) ?? Promise.resolve()).then(work);
  const settled = done.then(
    () => undefined,
    () => undefined,
  );
  held.set(name, settled);
  void settled.then(() => {
    if (held.get(name) === settled) held.delete(name);
  });
  return done;
}
