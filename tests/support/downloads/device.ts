import { createHash } from 'node:crypto';
import type { FileStore } from '../../../client/src/downloads.ts';
import type { KeyValueStorage } from '../../../client/src/storage.ts';

/** The app ends in the middle of a step: the step throws, and so do all later ones. */
class Crash extends Error {
  override readonly name = 'Crash';
}

/** What happens to the step at which the app ends. */
export type CrashKind = 'before' | 'after' | 'torn';

/** A device whose storage outlives crashes of the app. */
export interface Device {
  readonly files: FileStore;
  readonly storage: KeyValueStorage;
  /** Everything that is stored, by path. */
  readonly contents: Map<string, Uint8Array>;
  readonly texts: Map<string, string>;
  /** Starts the app again. Its step `crashAt`, counted from 0, is its last. */
  restart(crashAt?: number, kind?: CrashKind): void;
  /** Counts a step, such as a request, and ends the app if it is the last one. */
  step<T>(work: () => T | Promise<T>, torn?: () => void): Promise<T>;
  steps(): number;
  /** Throws from the next write of a file on. */
  fill(error: Error | null): void;
}

export function buildDevice(): Device {
  const contents = new Map<string, Uint8Array>();
  const texts = new Map<string, string>();
  let steps = 0;
  let crashAt = Number.POSITIVE_INFINITY;
  let kind: CrashKind = 'before';
  let full: Error | null = null;

  async function step<T>(work: () => T | Promise<T>, torn: () => void = () => undefined): Promise<T> {
    const index = steps++;
    if (index > crashAt || (index === crashAt && kind === 'before')) throw new Crash();
    if (index < crashAt) return work();
    if (kind === 'torn') torn();
    else await work();
    throw new Crash();
  }

  function add(path: string, bytes: Uint8Array): void {
    contents.set(path, Buffer.concat([contents.get(path) ?? Buffer.alloc(0), bytes]));
  }

  return {
    contents,
    texts,
    step,
    steps: () => steps,
    restart(at = Number.POSITIVE_INFINITY, how = 'before') {
      [steps, crashAt, kind] = [0, at, how];
    },
    fill(error) {
      full = error;
    },
    files: {
      list: async (folder) =>
        [...contents]
          .filter(([path]) => path.startsWith(`${folder}/`))
          .map(([path, { length }]) => ({ name: path.slice(folder.length + 1), sizeBytes: length })),
      async append(path, bytes, { offset }) {
        if (full !== null) throw full;
        if ((contents.get(path)?.length ?? 0) !== offset) throw new Error(`${path} does not end at ${offset}`);
        await step(
          () => add(path, bytes),
          () => add(path, bytes.subarray(0, bytes.length / 2)),
        );
      },
      read: async (path) => (contents.has(path) ? Buffer.from(contents.get(path) ?? []).toString() : null),
      remove: (path) => step(() => contents.delete(path)),
      url: (path) => `file:///device/${path}`,
      sha256: async (path) =>
        createHash('sha256')
          .update(contents.get(path) ?? '')
          .digest('hex'),
    },
    storage: {
      getItem: (key) => texts.get(key) ?? null,
      setItem: (key, text) => step(() => texts.set(key, text)),
      removeItem: (key) => step(() => texts.delete(key)),
    },
  };
}
