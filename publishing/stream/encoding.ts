import type { Rendition } from './ladder.ts';

/** Segment length of Apple's HLS Authoring Specification ("Media segmentation"). */
const SEGMENT_SECONDS = 6;

/** Keyframe interval, for quick seeking ("Video encoding requirements" of the same specification). */
const KEYFRAME_SECONDS = 2;

/** No player needs more, and the specification allows no more. */
const MAX_FRAMES_PER_SECOND = 60;

/** A constant quality that is hard to tell from the source: the default of x264. */
const CONSTANT_RATE_FACTOR = 23;

/** Fixed, because the output of x264 depends on it, and its default depends on the machine. */
const ENCODER_THREADS = 2;

/** AAC frames have this many samples, and ffmpeg's encoder starts with a frame of silence. */
const AAC_FRAME_SAMPLES = 1024;

/**
 * Longest time between sending and showing a picture. With zero, each frame of sound would get its own packet, which
 * takes more space than the sound itself at low bit rates.
 */
const MUXING_DELAY_MILLISECONDS = 700;

/** Start of the recording on the clock of the stream, in ticks of 90 kHz: ffmpeg allows for the delay twice. */
export const FIRST_TIMESTAMP = 2 * MUXING_DELAY_MILLISECONDS * 90;

/** The name of the playlist of a rendition, in the rendition's folder. */
export const PLAYLIST = 'index.m3u8';

/**
 * The formats that are measured (measure-file.ts), by ffmpeg's names. Without this list, ffmpeg guesses the format, and
 * a file with an ID3 tag could be a playlist or a script that names other files of this machine.
 */
const DEMUXERS = 'mp3,mov,aac,mpegts,matroska,ogg,wav,flac';

/**
 * Returns the arguments that make ffmpeg write each rendition into its own folder while it reads the input once.
 *
 * All renditions have pictures, keyframes and segments at the same times, so that players can switch at any segment.
 * Bit-exact means that no encoder writes its version or the time of day.
 */
export function encodingArguments(input: string, renditions: readonly Rendition[]): readonly string[] {
  const pictures = renditions.flatMap(({ picture }) => picture ?? []);
  return [
    ...['-format_whitelist', DEMUXERS, '-protocol_whitelist', 'file'],
    // With an explicit protocol, ffmpeg does not look for one in the path.
    ...['-i', `file:${input}`],
    ...(pictures.length > 0 ? ['-filter_complex', scalingOf(pictures)] : []),
    ...renditions.flatMap(({ name, picture, sound }, index) => [
      ...(picture === null ? [] : pictureArguments(picture, index)),
      ...(sound === null ? [] : soundArguments(sound)),
      ...['-map_metadata', '-1', '-map_chapters', '-1', '-fflags', '+bitexact'],
      ...['-muxdelay', `${MUXING_DELAY_MILLISECONDS / 1000}`],
      ...['-f', 'hls', '-hls_time', `${SEGMENT_SECONDS}`, '-hls_playlist_type', 'vod'],
      ...['-hls_flags', 'independent_segments', '-hls_segment_filename', `${name}/segment-%03d.ts`],
      // One program table per segment: ten times a second, they would take more space than calm pictures.
      ...['-hls_segment_options', `pat_period=${SEGMENT_SECONDS}:sdt_period=${SEGMENT_SECONDS}`],
      `${name}/${PLAYLIST}`,
    ]),
  ];
}

/** One video stream at a constant rate, in each size. `V` selects the video and never the cover of an album. */
function scalingOf(sizes: readonly { readonly width: number; readonly height: number }[]): string {
  const copies = sizes.map((_, index) => `[copy${index}]`).join('');
  return [
    `[0:V:0]fps=min(source_fps\\,${MAX_FRAMES_PER_SECOND}),split=${sizes.length}${copies}`,
    ...sizes.map(
      ({ width, height }, index) =>
        `[copy${index}]scale=${width}:${height}:flags=lanczos+accurate_rnd+bitexact,setsar=1,format=yuv420p[size${index}]`,
    ),
  ].join(';');
}

function pictureArguments({ maxBitsPerSecond }: NonNullable<Rendition['picture']>, index: number): readonly string[] {
  return [
    ...['-map', `[size${index}]`, '-c:v', 'libx264', '-profile:v', 'high', '-threads:v', `${ENCODER_THREADS}`],
    ...['-crf', `${CONSTANT_RATE_FACTOR}`, '-maxrate', `${maxBitsPerSecond}`, '-bufsize', `${2 * maxBitsPerSecond}`],
    ...['-force_key_frames', `expr:gte(t,n_forced*${KEYFRAME_SECONDS})`, '-sc_threshold', '0'],
    // Without B-frames, pictures are decoded in the order in which they are shown. Players based on ffmpeg (5.1 was
    // tried) seek by decoding time, miss the keyframe, and start at a later one.
    ...['-bf', '0', '-flags:v', '+cgop+bitexact'],
  ];
}

function soundArguments({ channels, samplesPerSecond, bitsPerSecond }: NonNullable<Rendition['sound']>) {
  return [
    ...['-map', '0:a:0', '-c:a', 'aac', '-b:a', `${bitsPerSecond}`, '-flags:a', '+bitexact'],
    ...['-ac', `${channels}`, '-ar', `${samplesPerSecond}`],
    // Removes the silence at the start: a transport stream cannot mark it, so the sound would start before the picture.
    ...['-af', `aresample=${samplesPerSecond},atrim=start_sample=${AAC_FRAME_SAMPLES}`],
  ];
}
