import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { hashData } from './hash.ts';

/** Returns the SHA-256 of a bundle: of its files' names and contents, whatever zip they travel in. */
export async function hashBundle(directory: string): Promise<string> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const files = await Promise.all(
    entries
      .filter((entry) => entry.isFile())
      .map(async ({ parentPath, name }) => {
        const file = path.join(parentPath, name);
        const hash = createHash('sha256')
          .update(await readFile(file))
          .digest('hex');
        return [path.relative(directory, file).replaceAll(path.sep, '/'), hash] as const;
      }),
  );
  return hashData(Object.fromEntries(files));
}
