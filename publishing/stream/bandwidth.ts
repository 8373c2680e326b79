/** A part of a stream that players fetch separately. */
export interface Segment {
  readonly seconds: number;
  readonly bytes: number;
}

/** Bits per second of a rendition, for a master playlist. */
export interface Bandwidth {
  readonly peak: number;
  readonly average: number;
}

/**
 * The peak bit rate of any contiguous segments that last from half to one and a half times the target duration (RFC
 * 8216 section 4.1), so that a very short last segment is not a peak.
 */
export function measureBandwidth(segments: readonly Segment[], targetSeconds: number): Bandwidth {
  const average = bitsPerSecond(segments);
  const peaks = segments.flatMap((_, start) => {
    const rates: number[] = [];
    let seconds = 0;
    for (let end = start; end < segments.length && seconds <= 1.5 * targetSeconds; end += 1) {
      seconds += segments[end]?.seconds ?? 0;
      if (seconds >= 0.5 * targetSeconds && seconds <= 1.5 * targetSeconds) {
        rates.push(bitsPerSecond(segments.slice(start, end + 1)));
      }
    }
    return rates;
  });
  return { peak: peaks.reduce((most, rate) => Math.max(most, rate), average), average };
}

function bitsPerSecond(segments: readonly Segment[]): number {
  const bytes = segments.reduce((sum, segment) => sum + segment.bytes, 0);
  const seconds = segments.reduce((sum, segment) => sum + segment.seconds, 0);
  return Math.ceil((bytes * 8) / seconds);
}
