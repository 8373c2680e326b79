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
