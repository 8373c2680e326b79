/** Bytes of a file, both ends included. */
export interface ByteRange {
  readonly first: number;
  readonly last: number;
}

/** Enough for any player, and cheap to answer. RFC 9110 section 14.2 lets a server ignore many small ranges. */
const MAX_RANGES = 100;

/**
 * Parses a Range header (RFC 9110 section 14.1.2). An invalid header is ignored, and so are ranges that overlap or do
 * not ascend: CloudFront then answers with the whole object ("How CloudFront processes partial requests for an object
 * (range GETs)"). Ranges beyond the file are left out. If none remains, the header cannot be satisfied.
 */
export function parseRangeHeader(
  header: string | undefined,
  size: number,
): 'whole' | 'unsatisfiable' | readonly ByteRange[] {
  const [, set] = /^bytes=(.+)$/i.exec(header ?? '') ?? [];
  if (set === undefined) return 'whole';
  const specs = set.split(',').map((spec) => parseRange(spec, size));
  if (specs.length > MAX_RANGES || specs.some((spec) => spec === 'invalid')) return 'whole';
  const ranges = specs.filter((spec) => typeof spec === 'object');
  if (ranges.length === 0) return 'unsatisfiable';
  const isAscending = ranges.every(({ first }, index) => index === 0 || first > (ranges[index - 1]?.last ?? 0));
  return isAscending ? ranges : 'whole';
}

function parseRange(spec: string, size: number): ByteRange | 'beyond' | 'invalid' {
  const [, from, to] = /^[ \t]*(\d*)-(\d*)[ \t]*$/.exec(spec) ?? [];
  if (from === undefined || to === undefined || (from === '' && to === '')) return 'invalid';
  const range =
    from === ''
      ? { first: Math.max(0, size - Number(to)), last: size - 1 }
      : { first: Number(from), last: to === '' ? Number.POSITIVE_INFINITY : Number(to) };
  if (from !== '' && range.first > range.last) return 'invalid';
  return range.first < size ? { first: range.first, last: Math.min(range.last, size - 1) } : 'beyond';
}
