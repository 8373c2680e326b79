import { createHash, randomUUID } from 'node:crypto';
import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { codeOf } from '../../tools/platform/errors.ts';
import { digestFile } from '../files/file-digest.ts';
import { changedSince } from '../store/media-store.ts';
import { MASTER_PLAYLIST, packageStream } from './package-stream.ts';

/** Raised whenever a stream comes out differently of the same recording: then streams are made again. */
const PACKAGER_VERSION = 1;

/** A recording, as far as a stream of it goes. */
export interface RecordingToStream {
  readonly input: SourceFile;
  /** In the order in which players list them. */
  readonly captions: readonly (SourceFile & { readonly language: string; readonly label: string })[];
}

interface SourceFile {
  readonly path: string;
  readonly sha256: string;
}

/** Streams that were made of recordings. */
export interface MadeStreams {
  /**
   * The folder of the stream of a recording, which is made if it is not there yet.
   * @throws StreamNotMade
   */
  of(recording: RecordingToStream): Promise<string>;
}

/**
 * Streams kept in a folder, each under the hash of what it is made of: importing again encodes nothing. A stream is there
 * whole or not at all, and two imports at once may make the same one.
 */
export async function madeStreamsIn(folder: string, ffmpeg: string): Promise<MadeStreams> {
  await removeLeftovers(folder);
  return {
    async of({ input, captions }) {
      const name = nameOf({ input, captions });
      const stream = join(folder, name);
      // Streams come here whole: a folder that was there without its playlist is what is left of one.
      const isAny = await isThere(stream);
      if (await isThere(join(stream, MASTER_PLAYLIST))) return stream;
      if (isAny) await rm(stream, { recursive: true, force: true });

      const own = `${stream}.${randomUUID()}.${process.pid}`;
      await mkdir(folder, { recursive: true });
      try {
        await packageStream({
          ...{ ffmpeg, input: input.path, folder: own },
          captions: captions.map(({ path, ...track }) => ({ ...track, file: path })),
        });
        // A stream of anything else would keep this name for all imports to come.
        for (const file of [input, ...captions]) {
          if ((await digestFile(file.path)).sha256 !== file.sha256) throw changedSince(file);
        }
        await rename(own, stream);
      } catch (error) {
        // Another import has made it meanwhile.
        if (codeOf(error) !== 'ENOTEMPTY' && codeOf(error) !== 'EEXIST') throw error;
      } finally {
        await rm(own, { recursive: true, force: true });
      }
      return stream;
    },
  };
}

function nameOf({ input, captions }: RecordingToStream): string {
  const madeOf = {
    version: PACKAGER_VERSION,
    input: input.sha256,
    captions: captions.map(({ language, label, sha256 }) => [language, label, sha256]),
  };
  return createHash('sha256').update(JSON.stringify(madeOf)).digest('hex');
}

async function isThere(path: string): Promise<boolean> {
  return (await stat(path).catch(orUndefined)) !== undefined;
}

/** What imports that were killed have left: names with the number of a process that is no more. */
async function removeLeftovers(folder: string): Promise<void> {
  for (const name of (await readdir(folder).catch(orUndefined)) ?? []) {
    const pid = /\.(?<pid>\d+)(?:\.unfinished)?$/.exec(name)?.groups?.['pid'];
    if (pid !== undefined && !isRunning(Number(pid))) await rm(join(folder, name), { recursive: true, force: true });
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // A process of somebody else runs too.
    return codeOf(error) === 'EPERM';
  }
}

function orUndefined(error: unknown): undefined {
  if (codeOf(error) !== 'ENOENT') throw error;
}
