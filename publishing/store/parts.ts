import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { fileChanged, type StoreFile } from './media-store.ts';

/** A part of a file that is uploaded separately. */
export interface Part {
  /** From 1. */
  readonly number: number;
  readonly start: number;
  readonly sizeBytes: number;
}

const MEBIBYTE = 1024 * 1024;

/** Files of this size and larger are uploaded in parts. Smaller ones are quick to send again, and cost one request. */
export const MULTIPART_FROM_BYTES = 16 * MEBIBYTE;

/** Small enough that an interruption loses little. S3 requires at least 5 MiB. */
const PART_BYTES = 8 * MEBIBYTE;

/** Most parts of one upload (Amazon S3 User Guide, "Amazon S3 multipart upload limits"). */
const MAX_PARTS = 10_000;

/** Splits a file into parts, always the same for the same size, so that an interrupted upload can continue. */
export function partsOf(sizeBytes: number): Part[] {
  const partBytes = Math.max(PART_BYTES, Math.ceil(sizeBytes / MAX_PARTS / MEBIBYTE) * MEBIBYTE);
  return Array.from({ length: Math.ceil(sizeBytes / partBytes) }, (_, index) => {
    const start = index * partBytes;
    return { number: index + 1, start, sizeBytes: Math.min(partBytes, sizeBytes - start) };
  });
}

export interface PartDigests {
  /** SHA-256 of each part, in base64, in order. */
  readonly ofParts: readonly string[];
  /** S3's checksum of the completed object, without `-<number of parts>` at its end. */
  readonly composite: string;
}

/**
 * Hashes a file part by part.
 * @throws StoreError if it is not the file that was checked.
 */
export async function digestParts(file: StoreFile, parts: readonly Part[]): Promise<PartDigests> {
  const whole = createHash('sha256');
  const ofParts: Buffer[] = [];
  for (const { start, sizeBytes } of parts) {
    const part = createHash('sha256');
    for await (const chunk of createReadStream(file.path, {
      start,
      end: start + sizeBytes - 1,
      highWaterMark: MEBIBYTE,
    })) {
      part.update(chunk);
      whole.update(chunk);
    }
    ofParts.push(part.digest());
  }
  if (whole.digest('hex') !== file.sha256) throw fileChanged(file);
  return {
    ofParts: ofParts.map((digest) => digest.toString('base64')),
    composite: createHash('sha256').update(Buffer.concat(ofParts)).digest('base64'),
  };
}
