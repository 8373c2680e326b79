import { readFile, stat } from 'node:fs/promises';
import { isNativeError } from 'node:util/types';
import type { Input, InputTrack } from 'mediabunny';
import { extensionOf } from './file-format.ts';
import type { Measurement, Track } from './measurement.ts';

/** Loaded on the first measurement: it takes longer than an import in which nothing has changed. */
const mediabunny = () => import('mediabunny');

/** A file up to this size is read whole, which measures an MP3 ten times as fast. A longer one is read in pieces. */
const MAX_BYTES_IN_MEMORY = 64 * 1024 * 1024;

/** The names that mediabunny has for the containers, by extension. */
const CONTAINERS: Readonly<Record<string, string>> = { mp3: 'MP3', m4a: 'MP4', mp4: 'MP4' };

/** Encoders count the frames of an MP3 in its header, and some count the header too. */
const HEADER_TOLERANCE_SECONDS = 0.1;

/** Reads a recording from end to end. Returns what it contains, or what is wrong with it. */
export async function measureFile(path: string): Promise<Measurement | string> {
  const { FilePathSource, BufferSource } = await mediabunny();
  const { size } = await stat(path);
  const source = size > MAX_BYTES_IN_MEMORY ? new FilePathSource(path) : new BufferSource(await readFile(path));
  return withInput(source, async (input) => {
    const container = (await input.getFormat()).name;
    const promised = CONTAINERS[extensionOf(path)];
    if (promised !== undefined && container !== promised)
      return `is not a valid ${promised} file: its content is ${container}`;

    const tracks = await input.getTracks();
    if (tracks.length === 0) return 'has no audio or video: it is truncated or damaged';
    let end = 0;
    for (const track of tracks) {
      const readable = await readThrough(track);
      if (readable.packets < readable.packetsPromised) return `is truncated after ${inSeconds(readable.end)}`;
      end = Math.max(end, readable.end);
    }
    const announced = container === 'MP3' ? await input.getDurationFromMetadata() : null;
    if (announced !== null && announced > end + HEADER_TOLERANCE_SECONDS) {
      return `is truncated or damaged: it should last ${inSeconds(announced)} but ends after ${inSeconds(end)}`;
    }
    const durationSeconds = Math.round(end * 1000) / 1000;
    if (!(durationSeconds > 0)) return 'has no measurable duration';
    return { durationSeconds, tracks: await Promise.all(tracks.map(describe)) };
  });
}

/** Measures a part of a recording, such as the first segment of a stream, or explains what is wrong with it. */
export async function tracksIn(part: Uint8Array): Promise<readonly Track[] | string> {
  const { BufferSource } = await mediabunny();
  return withInput(new BufferSource(part), async (input) => {
    const tracks = await input.getTracks();
    return tracks.length === 0 ? 'has no audio or video' : Promise.all(tracks.map(describe));
  });
}

async function withInput<T>(
  source: ConstructorParameters<typeof Input>[0]['source'],
  work: (input: Input) => Promise<T>,
): Promise<T | string> {
  const { Input, Logging, LogLevel, ...formats } = await mediabunny();
  // Errors go to the author in one line. mediabunny would print more.
  Logging.level = LogLevel.Silent;
  const { MP3, MP4, QTFF, ADTS, MPEG_TS, WEBM, MATROSKA, OGG, WAVE, FLAC } = formats;
  const input = new Input({ source, formats: [MP3, MP4, QTFF, ADTS, MPEG_TS, WEBM, MATROSKA, OGG, WAVE, FLAC] });
  try {
    return await work(input);
  } catch (error) {
    if (isSystemError(error)) throw error;
    // Only parsing fails here, with as many kinds of errors as there are ways for bytes to be wrong.
    return 'is damaged: it cannot be read to the end';
  } finally {
    input.dispose();
  }
}

/** How far a track can be read, and how far its file says that it goes. */
async function readThrough(track: InputTrack) {
  const { EncodedPacketSink } = await mediabunny();
  const sink = new EncodedPacketSink(track);
  let packetsPromised = 0;
  for await (const _ of sink.packets(undefined, undefined, { metadataOnly: true })) packetsPromised++;
  let packets = 0;
  let end = 0;
  for await (const { timestamp, duration } of sink.packets()) {
    packets++;
    end = Math.max(end, timestamp + duration);
  }
  return { packetsPromised, packets, end };
}

async function describe(track: InputTrack): Promise<Track> {
  const codec = await codecOf(track);
  if (!track.isVideoTrack()) return { kind: 'audio', codec, width: 0, height: 0 };
  return { kind: 'video', codec, width: await track.getDisplayWidth(), height: await track.getDisplayHeight() };
}

/** Profiles of H.264 with more than 8 bits per sample, or with chroma other than 4:2:0 (ITU-T H.264, annex A). */
const RARE_H264 = /^avc[13]\.(?:6e|7a|f4|2c)/i;

async function codecOf(track: InputTrack): Promise<string> {
  const codec = await track.getCodec();
  if (codec === null) return nameOf(await track.getInternalCodecId());
  const isRare = codec === 'avc' && RARE_H264.test((await track.getCodecParameterString()) ?? '');
  return isRare ? 'avc with 10 bits or 4:2:2' : codec;
}

function nameOf(id: unknown): string {
  return typeof id === 'string' && id.trim() !== '' ? id : 'an unknown codec';
}

function isSystemError(error: unknown): boolean {
  return isNativeError(error) && 'syscall' in error;
}

function inSeconds(seconds: number): string {
  return `${Math.round(seconds * 10) / 10} s`;
}
