import type { Rendition } from './ladder.ts';

/** Length of a segment: what Apple's HLS Authoring Specification has ("Media segmentation"). */
const SEGMENT_SECONDS = 6;

/** A picture to start from this often, for quick seeking: "Video encoding requirements" of the same specification. */
const KEYFRAME_SECONDS = 2;

/** No player needs more, and the specification allows no more. */
const MOST_FRAMES_PER_SECOND = 60;

/** A constant quality that is hard to tell from the source: x264's own default. */
const CONSTANT_RATE_FACTOR = 23;

/** Fixed, since what x264 writes depends on it, and its default on the machine. */
const ENCODER_THREADS = 2;

/** AAC is written in frames of this many samples, and ffmpeg's encoder puts one of silence first. */
const AAC_FRAME_SAMPLES = 1024;

/**
 * How long before it is shown a picture may be sent, at most. Zero would send each frame of sound in a packet of its own,
 * which takes more room than slow sound itself.
 */
const MUXING_DELAY_MILLISECONDS = 700;

/** Where the recording starts on the clock of the stream, in ticks of 90 kHz: ffmpeg leaves room for the delay twice. */
export const FIRST_TIMESTAMP = 2 * MUXING_DELAY_MILLISECONDS * 90;

/** The name of the playlist of a rendition, in the folder of its name. */
export const PLAYLIST = 'index.m3u8';

/**
 * The kinds of files that are measured (measure-file.ts), by ffmpeg's names. It guesses by itself what a file is, and one
 * with an ID3 tag may be a playlist to it, or a script, that names other files of this machine.
 */
const DEMUXERS = 'mp3,mov,aac,mpegts,matroska,ogg,wav,flac';

/**
 * What ffmpeg has to be told to write the renditions, each into the folder of its name, from one reading of the input.
 *
 * The pictures of all renditions are of the same moments, and so are their keyframes and segments: a player changes from one
 * to another at any segment. Bit-exact means that no encoder writes its version or the time of day.
 */
export function encodingArguments(input: string, renditions: readonly Rendition[]): readonly string[] {
  const pictures = renditions.flatMap(({ picture }) => picture ?? []);
  return [
    ...['-format_whitelist', DEMUXERS, '-protocol_whitelist', 'file'],
    // With a protocol named, nothing in the path can be taken for one.
    ...['-i', `file:${input}`],
    ...(pictures.length > 0 ? ['-filter_complex', scalingOf(pictures)] : []),
    ...renditions.flatMap(({ name, picture, sound }, index) => [
      ...(picture === null ? [] : pictureArguments(picture, index)),
      ...(sound === null ? [] : soundArguments(sound)),
      ...['-map_metadata', '-1', '-map_chapters', '-1', '-fflags', '+bitexact'],
      ...['-muxdelay', `${MUXING_DELAY_MILLISECONDS / 1000}`],
      ...['-f', 'hls', '-hls_time', `${SEGMENT_SECONDS}`, '-hls_playlist_type', 'vod'],
      ...['-hls_flags', 'independent_segments', '-hls_segment_filename', `${name}/segment-%03d.ts`],
      // The tables of contents stand once in each segment: ten times a second, they would take more room than calm pictures.
      ...['-hls_segment_options', `pat_period=${SEGMENT_SECONDS}:sdt_period=${SEGMENT_SECONDS}`],
      `${name}/${PLAYLIST}`,
    ]),
  ];
}

/** One line of pictures at a steady rate, in each of the sizes. The stream `V` is the video, and no cover of an album. */
function scalingOf(sizes: readonly { readonly width: number; readonly height: number }[]): string {
  const copies = sizes.map((_, index) => `[copy${index}]`).join('');
  return [
    `[0:V:0]fps=min(source_fps\\,${MOST_FRAMES_PER_SECOND}),split=${sizes.length}${copies}`,
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
    // Without B-frames a picture is decoded when it is shown. Players that read with ffmpeg (5.1 was tried) count in times of
    // decoding when they seek, miss the keyframe they look for, and start at a later one.
    ...['-bf', '0', '-flags:v', '+cgop+bitexact'],
  ];
}

function soundArguments({ channels, samplesPerSecond, bitsPerSecond }: NonNullable<Rendition['sound']>) {
  return [
    ...['-map', '0:a:0', '-c:a', 'aac', '-b:a', `${bitsPerSecond}`, '-flags:a', '+bitexact'],
    ...['-ac', `${channels}`, '-ar', `${samplesPerSecond}`],
    // Room for the silence that the encoder puts first: in a transport stream it cannot be marked as not to be heard, and
    // would start before the picture does.
    ...['-af', `aresample=${samplesPerSecond},atrim=start_sample=${AAC_FRAME_SAMPLES}`],
  ];
}
