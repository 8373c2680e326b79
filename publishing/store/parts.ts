/** A piece of a file that is uploaded by itself. */
export interface Part {
  /** From 1. */
  readonly number: number;
  readonly start: number;
  readonly sizeBytes: number;
}

const MEBIBYTE = 1024 * 1024;

/** From this size on a file is uploaded in parts: less is soon sent again, and costs one request. */
export const MULTIPART_FROM_BYTES = 16 * MEBIBYTE;

/** Small enough that little is lost with an interrupted one; S3 wants 5 MiB at least. */
const PART_BYTES = 8 * MEBIBYTE;

/** Most parts of one upload (Amazon S3 User Guide, "Amazon S3 multipart upload limits"). */
const MAX_PARTS = 10_000;

/** The parts of a file, always the same for the same size: so an upload that was interrupted fits the next one. */
export function partsOf(sizeBytes: number): Part[] {
  const partBytes = Math.max(PART_BYTES, Math.ceil(sizeBytes / MAX_PARTS / MEBIBYTE) * MEBIBYTE);
  return Array.from({ length: Math.ceil(sizeBytes / partBytes) }, (_, index) => {
    const start = index * partBytes;
    return { number: index + 1, start, sizeBytes: Math.min(partBytes, sizeBytes - start) };
  });
}
