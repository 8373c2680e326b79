/** The properties of a recording that decide how its stream is made. */
export interface StreamSource {
  /** Size of the displayed picture: upright, with square pixels. Null for sound alone. */
  readonly picture: { readonly width: number; readonly height: number } | null;
  /** Null for a silent recording. */
  readonly sound: {
    readonly channels: number;
    readonly samplesPerSecond: number;
    readonly bitsPerSecond: number;
  } | null;
}

/** One version of a stream. Players choose by screen and network. */
export interface Rendition {
  /** The name of its folder. */
  readonly name: string;
  readonly picture: { readonly width: number; readonly height: number; readonly maxBitsPerSecond: number } | null;
  readonly sound: {
    readonly channels: number;
    readonly samplesPerSecond: number;
    readonly bitsPerSecond: number;
  } | null;
}

/**
 * The shorter side of a picture, and its maximum bit rate: at most twice the average in Apple's HLS Authoring
 * Specification for its size, because a peak may be twice the average ("Video encoding requirements").
 */
const RUNGS = [
  { side: 1080, maxBitsPerSecond: 6_000_000 },
  { side: 720, maxBitsPerSecond: 3_000_000 },
  { side: 480, maxBitsPerSecond: 1_500_000 },
  { side: 360, maxBitsPerSecond: 800_000 },
  { side: 240, maxBitsPerSecond: 400_000 },
] as const;

/** A rung closer than this to the next one would save little. The closest pair is 480 and 360. */
const MAX_RATIO_TO_RUNG_ABOVE = 0.75;

/**
 * Bit rate of AAC-LC per channel, for speech and music. The HLS Authoring Specification has 32 to 160 kb/s for stereo.
 */
const BITS_PER_SECOND_PER_CHANNEL = 64_000;

/** Every player decodes this rate, and the sound hardware of browsers runs at it. */
const MAX_CHANNELS = 2;
const MAX_SAMPLES_PER_SECOND = 48_000;

/** Chooses the renditions for a recording, best first. None exceeds the recording. */
export function ladderFor(source: StreamSource): readonly Rendition[] {
  const sound = source.sound && soundOf(source.sound);
  if (source.picture !== null) {
    return picturesOf(source.picture).map(({ name, ...picture }) => ({ name, picture, sound }));
  }
  if (sound === null) return [];
  const half = { ...sound, bitsPerSecond: (BITS_PER_SECOND_PER_CHANNEL / 2) * sound.channels };
  return [sound, ...(isRungBelow(half.bitsPerSecond, sound.bitsPerSecond) ? [half] : [])].map((rung) => ({
    name: `${Math.round(rung.bitsPerSecond / 1000)}k`,
    picture: null,
    sound: rung,
  }));
}

/** The largest has the size of the recording, or of the highest rung. */
function picturesOf({ width, height }: { readonly width: number; readonly height: number }) {
  const shorter = Math.min(width, height);
  const largest = Math.min(evenBelow(shorter), RUNGS[0].side);
  const sides = [largest, ...RUNGS.map(({ side }) => side).filter((side) => isRungBelow(side, largest))];
  return sides.map((side) => ({
    name: `${side}p`,
    width: Math.min(even((width * side) / shorter), evenBelow(width)),
    height: Math.min(even((height * side) / shorter), evenBelow(height)),
    maxBitsPerSecond: (RUNGS.findLast((rung) => rung.side >= side) ?? RUNGS[0]).maxBitsPerSecond,
  }));
}

function soundOf(sound: NonNullable<StreamSource['sound']>): NonNullable<Rendition['sound']> {
  const channels = Math.min(sound.channels, MAX_CHANNELS);
  return {
    channels,
    samplesPerSecond: Math.min(sound.samplesPerSecond, MAX_SAMPLES_PER_SECOND),
    bitsPerSecond: Math.min(Math.ceil(sound.bitsPerSecond), BITS_PER_SECOND_PER_CHANNEL * channels),
  };
}

function isRungBelow(lower: number, upper: number): boolean {
  return lower <= upper * MAX_RATIO_TO_RUNG_ABOVE;
}

/** H.264 with 4:2:0 chroma needs an even width and height. */
function even(length: number): number {
  return Math.max(2, Math.round(length / 2) * 2);
}

function evenBelow(length: number): number {
  return Math.max(2, Math.floor(length / 2) * 2);
}
