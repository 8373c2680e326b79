import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { type Zippable, zipSync } from 'fflate';

/** A function's code as Lambda gets it. */
export interface Archive {
  readonly bytes: Uint8Array;
  /** SHA-256 in base64, which Lambda calls `CodeSha256`. */
  readonly codeSha256: string;
  /** The same in hexadecimal. */
  readonly hash: string;
}

/** The earliest time in a zip. Written as local time, so it is the same in every time zone. */
const TIME = new Date(1980, 0, 1);

/** Regular files that everyone may read, as Lambda requires. In the upper half, with Unix (3) as the system. */
const READABLE = { os: 3, attrs: 0o100644 << 16 } as const;

/** Zips a bundle. The same files give the same bytes on every machine. */
export async function archiveOf(directory: string): Promise<Archive> {
  const files: Zippable = {};
  for (const name of (await readdir(directory)).sort()) {
    files[name] = [await readFile(path.join(directory, name)), { ...READABLE, mtime: TIME, level: 9 }];
  }
  const bytes = zipSync(files);
  const digest = createHash('sha256').update(bytes).digest();
  return { bytes, codeSha256: digest.toString('base64'), hash: digest.toString('hex') };
}
