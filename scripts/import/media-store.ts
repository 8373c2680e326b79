import { randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { access, copyFile, mkdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/**
 * Copies a file into the media store under its key. A file is there whole or not at all, and since its key is made of its
 * content, one that is there is the right one.
 */
export async function storeFile(
  mediaDir: string,
  { path, key }: { readonly path: string; readonly key: string },
): Promise<void> {
  const target = join(mediaDir, key);
  if (await exists(target)) return;

  await mkdir(dirname(target), { recursive: true });
  const temporary = `${target}.${randomUUID()}.tmp`;
  try {
    await copyFile(path, temporary, constants.COPYFILE_FICLONE);
    await rename(temporary, target);
  } finally {
    await rm(temporary, { force: true });
  }
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
