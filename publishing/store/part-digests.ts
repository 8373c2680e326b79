import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { changedSince, type StoreFile } from './media-store.ts';
import type { Part } from './parts.ts';

export interface PartDigests {
  /** SHA-256 of each part, in base64, in order. */
  readonly ofParts: readonly string[];
  /** S3's checksum of the completed object, without `-<number of parts>` at its end. */
  readonly composite: string;
}

/**
 * Hashes a file part by part.
 * @throws StoreFault if it is not the file that was checked.
 */
export async function digestParts(file: StoreFile, parts: readonly Part[]): Promise<PartDigests> {
  const whole = createHash('sha256');
  const ofParts: Buffer[] = [];
  for (const { start, sizeBytes } of parts) {
    const part = createHash('sha256');
    for await (const chunk of createReadStream(file.path, {
      start,
      end: start + sizeBytes - 1,
      highWaterMark: READ_BYTES,
    })) {
      part.update(chunk);
      whole.update(chunk);
    }
    ofParts.push(part.digest());
  }
  if (whole.digest('hex') !== file.sha256) throw changedSince(file);
  return {
    ofParts: ofParts.map((digest) => digest.toString('base64')),
    composite: createHash('sha256').update(Buffer.concat(ofParts)).digest('base64'),
  };
}

const READ_BYTES = 1024 * 1024;
