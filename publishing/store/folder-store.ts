import { randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { copyFile, mkdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { codeOf, messageOf } from '../../tools/platform/errors.ts';
import { digestFile } from '../files/file-digest.ts';
import { fileChanged, type MediaStore, StoreError, type StoreFile } from './media-store.ts';

/** A media store in a folder on this machine, which the local CDN serves. */
export function folderStore(folder: string): MediaStore {
  async function copy(file: StoreFile, target: string): Promise<void> {
    await mkdir(dirname(target), { recursive: true });
    const temporary = `${target}.${randomUUID()}.tmp`;
    try {
      // Uses no disk space and no time if the file system can share blocks.
      await copyFile(file.path, temporary, constants.COPYFILE_FICLONE);
      if ((await digestFile(temporary)).sha256 !== file.sha256) throw fileChanged(file);
      await rename(temporary, target);
    } finally {
      await rm(temporary, { force: true });
    }
  }

  return {
    async put(file, advance) {
      const target = join(folder, file.key);
      try {
        if (!(await isStored(target, file.sizeBytes))) await copy(file, target);
      } catch (error) {
        // The folder is created first, so only the file itself can be missing.
        throw codeOf(error) === 'ENOENT' ? fileChanged(file) : explained(error, folder);
      }
      advance(file.sizeBytes);
    },
  };
}

/** A file gets its name only when it is complete, so a file with that name is the right one. */
async function isStored(path: string, sizeBytes: number): Promise<boolean> {
  const found = await stat(path).catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  });
  return found?.size === sizeBytes;
}

const REASONS: ReadonlyMap<unknown, string> = new Map([
  ['ENOSPC', 'the disk is full'],
  ['EDQUOT', 'the disk is full'],
  ['EACCES', 'you have no write permission'],
  ['EPERM', 'you have no write permission'],
  ['EROFS', 'the disk is read-only'],
  ['ENOTDIR', 'it is not a folder'],
  ['EEXIST', 'it is not a folder'],
]);

function explained(error: unknown, folder: string): unknown {
  const reason = REASONS.get(codeOf(error));
  return reason === undefined
    ? error
    : new StoreError(`Cannot store files in ${folder}: ${reason} (${messageOf(error)}).`);
}
