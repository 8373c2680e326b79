import { type FSWatcher, watch } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { codeOf } from '../platform/errors.ts';

export interface WatchedFolders {
  close(): void;
}

export interface WatchOptions {
  /** The folder that all paths are relative to. */
  readonly root: string;
  /** The folders to watch, with everything in them. */
  readonly folders: readonly string[];
  /** Called with the files that were written, added or removed, as paths with slashes below the root. */
  readonly onChange: (files: ReadonlySet<string>) => void;
  /** Called if the system refuses to watch, for example because it allows no more watches. */
  readonly onFailure: (error: unknown) => void;
}

/** Editors write a file in several steps, and git writes many files at once. */
const QUIET_MILLISECONDS = 50;

/** Linux has notifications for single folders only. */
const WATCHES_TREES = process.platform !== 'linux';

/**
 * Watches source folders by the notifications of the operating system. A notification only says that something
 * happened: which files changed follows from their times and sizes. So it makes no difference whether an editor writes
 * to a file or replaces it, and files in a new folder count even if they came before it was watched.
 */
export async function watchFolders({ root, folders, onChange, onFailure }: WatchOptions): Promise<WatchedFolders> {
  let watchers: FSWatcher[] = [];
  let files: ReadonlyMap<string, string> | undefined;
  let scanning: Promise<void> = Promise.resolve();
  let quiet: NodeJS.Timeout | undefined;
  let isClosed = false;

  const notified = () => {
    clearTimeout(quiet);
    if (!isClosed) quiet = setTimeout(scanForChanges, QUIET_MILLISECONDS);
  };
  const watchFolder = (folder: string) => {
    const watcher = watch(path.join(root, folder), { recursive: WATCHES_TREES }, notified);
    watchers.push(watcher.on('error', notified));
  };

  /** Creates new watches each time: a watch ends with its folder, even if another folder takes its name. */
  async function scan(): Promise<void> {
    const former = watchers;
    watchers = [];
    try {
      const found = new Map<string, string>();
      for (const folder of folders) await scanFolder(folder, found, true);
      const changed = differingKeys(files ?? found, found);
      files = found;
      if (changed.size > 0 && !isClosed) onChange(changed);
    } finally {
      for (const watcher of isClosed ? [...former, ...watchers] : former) watcher.close();
    }
  }

  async function scanFolder(folder: string, found: Map<string, string>, isTop: boolean): Promise<void> {
    await unlessGone(async () => {
      // Watched before it is read, so that nothing happens unnoticed in between.
      if (isTop || !WATCHES_TREES) watchFolder(folder);
      for (const entry of await readdir(path.join(root, folder), { withFileTypes: true })) {
        const name = `${folder}/${entry.name}`;
        if (entry.isDirectory()) await scanFolder(name, found, false);
        else await unlessGone(async () => void found.set(name, await stateOf(path.join(root, name))));
      }
    });
  }

  function scanForChanges(): void {
    scanning = scanning.then(scan).catch(onFailure);
  }

  await scan().catch(onFailure);
  return {
    close() {
      isClosed = true;
      clearTimeout(quiet);
      for (const watcher of watchers) watcher.close();
    },
  };
}

async function stateOf(file: string): Promise<string> {
  const { ino, mtimeMs, size } = await stat(file);
  return `${ino} ${mtimeMs} ${size}`;
}

/** What is removed during a scan is missing from it. */
async function unlessGone(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error;
  }
}

function differingKeys(before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): ReadonlySet<string> {
  const keys = [...before.keys(), ...after.keys()];
  return new Set(keys.filter((key) => before.get(key) !== after.get(key)));
}
