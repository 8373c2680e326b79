/** What a recording has, as far as it decides what a stream of it has. */
export interface StreamSource {
  /** As it is shown: turned upright, with square pixels. Null for sound alone. */
  readonly picture: { readonly width: number; readonly height: number } | null;
  /** Null for a picture alone. */
  readonly sound: {
    readonly channels: number;
    readonly samplesPerSecond: number;
    readonly bitsPerSecond: number;
  } | null;
}

/** One of the forms that a stream comes in, for a player to choose from by screen and network. */
export interface Rendition {
  /** Of its folder. */
  readonly name: string;
  readonly picture: { readonly width: number; readonly height: number; readonly maxBitsPerSecond: number } | null;
  readonly sound: {
    readonly channels: number;
    readonly samplesPerSecond: number;
    readonly bitsPerSecond: number;
  } | null;
}

/**
 * The shorter side of a picture, and the bits a second it may take at most: no more than twice what Apple's HLS Authoring
 * Specification has for its size on average, since a peak may be twice the average (section "Video encoding requirements").
 */
const RUNGS = [
  { side: 1080, maxBitsPerSecond: 6_000_000 },
  { side: 720, maxBitsPerSecond: 3_000_000 },
  { side: 480, maxBitsPerSecond: 1_500_000 },
  { side: 360, maxBitsPerSecond: 800_000 },
  { side: 240, maxBitsPerSecond: 400_000 },
] as const;

/** A rung closer than this to the one above it would save little: 480 to 360 is the closest. */
const MOST_OF_RUNG_ABOVE = 0.75;

/** Speech and music in AAC-LC, each channel; the HLS Authoring Specification has 32 to 160 kb/s for stereo. */
const BITS_PER_SECOND_OF_CHANNEL = 64_000;

/** What every player decodes, and browsers' sound cards run at. */
const MOST_CHANNELS = 2;
const MOST_SAMPLES_PER_SECOND = 48_000;

/** The renditions for a recording, from the best, none of which is more than the recording is. */
export function ladderFor(source: StreamSource): readonly Rendition[] {
  const sound = source.sound && soundOf(source.sound);
  if (source.picture !== null) {
    return picturesOf(source.picture).map(({ name, ...picture }) => ({ name, picture, sound }));
  }
  if (sound === null) return [];
  const half = { ...sound, bitsPerSecond: (BITS_PER_SECOND_OF_CHANNEL / 2) * sound.channels };
  return [sound, ...(isRungBelow(half.bitsPerSecond, sound.bitsPerSecond) ? [half] : [])].map((rung) => ({
    name: `${Math.round(rung.bitsPerSecond / 1000)}k`,
    picture: null,
    sound: rung,
  }));
}

/** The largest is the recording's own size, or that of the highest rung. */
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
  const channels = Math.min(sound.channels, MOST_CHANNELS);
  return {
    channels,
    samplesPerSecond: Math.min(sound.samplesPerSecond, MOST_SAMPLES_PER_SECOND),
    bitsPerSecond: Math.min(Math.ceil(sound.bitsPerSecond), BITS_PER_SECOND_OF_CHANNEL * channels),
  };
}

function isRungBelow(lower: number, upper: number): boolean {
  return lower <= upper * MOST_OF_RUNG_ABOVE;
}

/** H.264 with 4:2:0 colours has pictures of even width and height. */
function even(length: number): number {
  return Math.max(2, Math.round(length / 2) * 2);
}

function evenBelow(length: number): number {
  return Math.max(2, Math.floor(length / 2) * 2);
}
