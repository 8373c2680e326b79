import { mkdir, readFile, rename, rm, rmdir, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { codeOf } from '../../tools/platform/errors.ts';
import { measureBandwidth, type Segment } from './bandwidth.ts';
import { captionPlaylist, captionSegment } from './captions.ts';
import { encodingArguments, FIRST_TIMESTAMP, PLAYLIST } from './encoding.ts';
import { PackagingError, runFfmpeg } from './ffmpeg.ts';
import { ladderFor, type Rendition } from './ladder.ts';
import { type CaptionTrack, masterPlaylist, type Variant } from './master-playlist.ts';
import { readStreamSource, readVariant } from './tracks.ts';

/** The master playlist, in the folder of the stream. */
export const MASTER_PLAYLIST = 'master.m3u8';

/** How much shorter than stated a recording may be: more than players differ, less than anyone would cut off. */
const MAX_MISSING_SECONDS = 1;

/** The input and output of a stream. */
export interface PackagingJob {
  /** Path of the ffmpeg program. */
  readonly ffmpeg: string;
  /** Path of the recording. */
  readonly input: string;
  /** WebVTT files, in the order in which players list them. */
  readonly captions: readonly { readonly language: string; readonly label: string; readonly file: string }[];
  /** Must be empty or missing. */
  readonly folder: string;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Makes an HLS stream of a recording: a master playlist, a folder for each rendition, and the captions as renditions.
 * The same recording, captions and ffmpeg always give the same bytes. The folder appears at once when everything is
 * done. An interrupted run leaves a hidden folder beside it, until the next run.
 *
 * @throws PackagingError if ffmpeg fails, or if the recording has neither picture nor sound or is shorter than stated
 * @throws Error of the system, for example if the folder is not empty
 */
export async function packageStream({ ffmpeg, input, captions, folder, signal }: PackagingJob): Promise<void> {
  await removeEmpty(folder);
  const source = await readStreamSource(input);
  if (source === null) throw new PackagingError(`${input} has no readable audio or video`);

  const unfinished = join(dirname(resolve(folder)), `.${basename(folder)}.unfinished`);
  await rm(unfinished, { recursive: true, force: true });
  try {
    const renditions = ladderFor(source);
    for (const { name } of renditions) await mkdir(join(unfinished, name), { recursive: true });
    await runFfmpeg(ffmpeg, encodingArguments(resolve(input), renditions), { cwd: unfinished, signal });

    const encoded = await Promise.all(renditions.map((rendition) => describe(unfinished, rendition)));
    const seconds = Math.min(...encoded.map((rendition) => rendition.seconds));
    // ffmpeg does not report an input that ends early as an error.
    if (seconds < source.seconds - MAX_MISSING_SECONDS) {
      throw new PackagingError(
        `${input} should last ${inSeconds(source.seconds)}, but only ${inSeconds(seconds)} can be read`,
      );
    }
    const tracks = await writeCaptions(unfinished, captions, seconds);
    const variants = encoded.map(({ variant }) => variant);
    await writeFile(join(unfinished, MASTER_PLAYLIST), masterPlaylist(variants, tracks));
    await rename(unfinished, folder);
  } finally {
    await rm(unfinished, { recursive: true, force: true });
  }
}

/** @throws Error if the folder is not empty. */
async function removeEmpty(folder: string): Promise<void> {
  try {
    await rmdir(folder);
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error;
  }
}

async function describe(folder: string, { name }: Rendition): Promise<{ seconds: number; variant: Variant }> {
  const playlist = await readFile(join(folder, name, PLAYLIST), 'utf8');
  const targetSeconds = Number(/^#EXT-X-TARGETDURATION:(\d+)$/m.exec(playlist)?.[1]);
  const files = [...playlist.matchAll(/^#EXTINF:([\d.]+),\n(.+)$/gm)].map(([, seconds, file = '']) => ({
    seconds: Number(seconds),
    path: join(folder, name, file),
  }));
  const segments: readonly Segment[] = await Promise.all(
    files.map(async ({ seconds, path }) => ({ seconds, bytes: (await stat(path)).size })),
  );
  const variant = files[0] && (await readVariant(files[0].path));
  if (!variant) throw new PackagingError(`ffmpeg wrote no readable segment for ${name}`);
  return {
    seconds: segments.reduce((sum, segment) => sum + segment.seconds, 0),
    variant: { uri: `${name}/${PLAYLIST}`, bandwidth: measureBandwidth(segments, targetSeconds), ...variant },
  };
}

async function writeCaptions(
  folder: string,
  captions: PackagingJob['captions'],
  seconds: number,
): Promise<readonly CaptionTrack[]> {
  if (captions.length > 0) await mkdir(join(folder, 'captions'));
  return Promise.all(
    captions.map(async ({ language, label, file }, index) => {
      // Numbered, because languages and labels can be anything.
      const name = `${index + 1}`;
      const segment = captionSegment(await readFile(file, 'utf8'), FIRST_TIMESTAMP);
      await writeFile(join(folder, 'captions', `${name}.vtt`), segment);
      await writeFile(join(folder, 'captions', `${name}.m3u8`), captionPlaylist(`${name}.vtt`, seconds));
      return { uri: `captions/${name}.m3u8`, language, label };
    }),
  );
}

function inSeconds(seconds: number): string {
  return `${seconds.toFixed(1)} s`;
}
