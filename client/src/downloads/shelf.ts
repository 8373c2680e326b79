import { isObject, type Problem } from '../platform/http.ts';
import type { KeyValueStorage } from '../storage.ts';
import type { FileStore, Piece } from './file-store.ts';
import { parse, readVersion, type Version } from './version.ts';

export interface CourseState {
  /** The name of the course's document in the version that is complete. */
  readonly current: string | null;
  /** Whether another version is being downloaded. */
  readonly isUnfinished: boolean;
  /** Why the server refused the last download. */
  readonly refused: Problem | null;
}

/** The device could not store something, most often because it is full: `cause` tells. What was there is unharmed. */
export class StorageFailed extends Error {
  override readonly name = 'StorageFailed';
}

/** The place of one course on the device. */
export interface Shelf {
  state(): Promise<CourseState | null>;
  setState(state: CourseState): Promise<void>;
  clearState(): Promise<void>;
  /** Sizes of all files, by name. */
  sizes(): Promise<Map<string, number>>;
  path(name: string): string;
  read(name: string): Promise<string | null>;
  append(name: string, bytes: Uint8Array, piece: Piece): Promise<void>;
  remove(name: string): Promise<unknown>;
  /** Reads the version that is complete. */
  current(): Promise<Version | null>;
}

export function openShelf(files: FileStore, storage: KeyValueStorage, userId: string, courseId: string): Shelf {
  const key = `lectern/downloads/${userId}/${courseId}`;
  const prefix = `${courseId}.`;
  const path = (name: string) => `${userId}/${prefix}${name}`;
  const read = (name: string) => files.read(path(name));
  const state = async () => {
    const stored = parse<CourseState>(await storage.getItem(key));
    return isObject(stored) ? (stored as CourseState) : null;
  };
  return {
    state,
    setState: (next) => stored(async () => storage.setItem(key, JSON.stringify(next))),
    clearState: async () => void (await storage.removeItem(key)),
    sizes: async () =>
      new Map(
        (await files.list(userId))
          .filter(({ name }) => name.startsWith(prefix))
          .map(({ name, sizeBytes }) => [name.slice(prefix.length), sizeBytes]),
      ),
    path,
    read,
    append: (name, bytes, piece) => stored(() => files.append(path(name), bytes, piece)),
    remove: (name) => files.remove(path(name)),
    async current() {
      const name = (await state())?.current;
      return name ? readVersion(name, read) : null;
    },
  };
}

async function stored(write: () => Promise<unknown>): Promise<void> {
  try {
    await write();
  } catch (cause) {
    throw new StorageFailed('The device could not store a file', { cause });
  }
}
