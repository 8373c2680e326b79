import type { ByteRange } from './byte-ranges.ts';

/** An answer with parts of a file: ranges of the file, and the text between them, in order. */
export interface RangeResponse {
  readonly status: 200 | 206;
  readonly headers: Readonly<Record<string, string | number>>;
  readonly parts: readonly (Buffer | ByteRange)[];
}

interface Representation {
  readonly size: number;
  readonly contentType: string;
}

/** Builds the answer with a whole file, one range of it, or several (RFC 9110 sections 14.6 and 15.3.7). */
export function buildRangeResponse(
  ranges: 'whole' | readonly ByteRange[],
  { size, contentType }: Representation,
  boundary: string,
): RangeResponse {
  if (ranges === 'whole') {
    const parts = size === 0 ? [] : [{ first: 0, last: size - 1 }];
    return { status: 200, headers: { 'Content-Type': contentType, 'Content-Length': size }, parts };
  }
  const [range, ...more] = ranges;
  if (range !== undefined && more.length === 0) {
    const headers = {
      'Content-Type': contentType,
      'Content-Length': lengthOf(range),
      'Content-Range': contentRange(range, size),
    };
    return { status: 206, headers, parts: [range] };
  }
  const parts = ranges.flatMap((each) => [
    Buffer.from(
      `\r\n--${boundary}\r\nContent-Type: ${contentType}\r\nContent-Range: ${contentRange(each, size)}\r\n\r\n`,
    ),
    each,
  ]);
  const all = [...parts, Buffer.from(`\r\n--${boundary}--\r\n`)];
  return {
    status: 206,
    headers: {
      'Content-Type': `multipart/byteranges; boundary=${boundary}`,
      'Content-Length': all.reduce((sum, part) => sum + lengthOf(part), 0),
    },
    parts: all,
  };
}

function contentRange({ first, last }: ByteRange, size: number): string {
  return `bytes ${first}-${last}/${size}`;
}

function lengthOf(part: Buffer | ByteRange): number {
  return Buffer.isBuffer(part) ? part.length : part.last - part.first + 1;
}
