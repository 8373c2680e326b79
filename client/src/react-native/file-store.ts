import type { FileStore } from '../downloads/file-store.ts';

/* The parts of expo-file-system (SDK 54 and later) that are used. */

interface ExpoFile {
  readonly uri: string;
  readonly name: string;
  readonly exists: boolean;
  readonly size: number | null;
  create(options: { readonly intermediates: boolean }): void;
  delete(): void;
  text(): Promise<string>;
  open(): ExpoFileHandle;
}

interface ExpoFileHandle {
  offset: number | null;
  writeBytes(bytes: Uint8Array): void;
  close(): void;
}

interface ExpoDirectory {
  readonly exists: boolean;
  list(): readonly object[];
}

export interface ExpoFileSystem<Root> {
  readonly File: new (...path: (Root | string)[]) => ExpoFile;
  readonly Directory: new (...path: (Root | string)[]) => ExpoDirectory;
}

/**
 * Returns a file store in a folder of the device: `expoFileStore({ File, Directory }, new Directory(Paths.document, 'courses'))`.
 * @param sha256 returns the SHA-256 of a file in hex, by native code. Without it, only sizes are verified.
 */
export function expoFileStore<Root>(
  { File, Directory }: ExpoFileSystem<Root>,
  root: Root,
  sha256?: (uri: string) => Promise<string>,
): FileStore {
  const open = (path: string) => new File(root, ...path.split('/'));
  return {
    // Not stored anywhere: iOS moves the folder of an app with each update.
    url: (path) => open(path).uri,

    async list(folder) {
      const directory = new Directory(root, folder);
      if (!directory.exists) return [];
      return directory
        .list()
        .flatMap((entry) => (entry instanceof File ? [{ name: entry.name, sizeBytes: entry.size ?? 0 }] : []));
    },

    async append(path, bytes, { offset }) {
      const file = open(path);
      if (!file.exists) file.create({ intermediates: true });
      const handle = file.open();
      try {
        handle.offset = offset;
        handle.writeBytes(bytes);
      } finally {
        handle.close();
      }
    },

    async read(path) {
      const file = open(path);
      return file.exists ? file.text() : null;
    },

    async remove(path) {
      const file = open(path);
      if (file.exists) file.delete();
    },

    ...(sha256 && { sha256: (path: string) => sha256(open(path).uri) }),
  };
}
