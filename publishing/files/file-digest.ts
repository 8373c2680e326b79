import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';

export interface FileDigest {
  /** In hex. */
  readonly sha256: string;
  /** Of what was hashed, even if the file has grown since. */
  readonly sizeBytes: number;
}

export async function digestFile(path: string): Promise<FileDigest> {
  const hash = createHash('sha256');
  let sizeBytes = 0;
  for await (const chunk of createReadStream(path, { highWaterMark: READ_BYTES })) {
    hash.update(chunk);
    sizeBytes += chunk.length;
  }
  return { sha256: hash.digest('hex'), sizeBytes };
}

/** Smaller reads, such as a pipe's buffer, would take longer than the hashing. */
const READ_BYTES = 1024 * 1024;
