import { createHash } from 'node:crypto';
import { type FileHandle, lstat, open, realpath } from 'node:fs/promises';
import path from 'node:path';
import { contentTypeOf } from '../../../publishing/recording/file-format.ts';

/** An open file of the bucket. The caller closes its handle. */
export interface StoredFile {
  readonly handle: FileHandle;
  readonly size: number;
  readonly contentType: string;
  /** Strong, with its quotes. */
  readonly etag: string;
  /** In whole seconds, as in HTTP. */
  readonly lastModified: Date;
}

/**
 * Opens the file of a key in a folder whose path has no symbolic links. Null if it cannot be opened: clients are not
 * told why.
 */
export async function openStoredFile(mediaDir: string, key: string): Promise<StoredFile | null> {
  const contentType = contentTypeOf(key);
  if (contentType === null) return null;
  const handle = await openPlainFile(path.join(mediaDir, key)).catch(() => null);
  if (handle === null) return null;
  const { size, mtimeMs } = await handle.stat();
  return {
    handle,
    size,
    contentType,
    etag: `"${createHash('sha256').update(`${key}\n${size}\n${mtimeMs}`).digest('hex').slice(0, 32)}"`,
    lastModified: new Date(Math.floor(mtimeMs / 1000) * 1000),
  };
}

/** Follows no symbolic links, and does not wait for a pipe that nobody writes to. */
async function openPlainFile(file: string): Promise<FileHandle | null> {
  if ((await realpath(file)) !== file || !(await lstat(file)).isFile()) return null;
  return open(file);
}
