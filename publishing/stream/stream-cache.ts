import { createHash, randomUUID } from 'node:crypto';
import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { codeOf } from '../../tools/platform/errors.ts';
import { digestFile } from '../files/file-digest.ts';
import { fileChanged } from '../store/media-store.ts';
import { MASTER_PLAYLIST, packageStream } from './package-stream.ts';

/** Raise this when the same recording gives a different stream. Then streams are made again. */
const PACKAGER_VERSION = 1;

/** What making a stream needs of a recording. */
export interface StreamInput {
  readonly input: SourceFile;
  /** In the order in which players list them. */
  readonly captions: readonly (SourceFile & { readonly language: string; readonly label: string })[];
}

interface SourceFile {
  readonly path: string;
  readonly sha256: string;
}

/** A cache of generated streams. */
export interface StreamCache {
  /**
   * Returns the folder of a recording's stream, and makes the stream if it does not exist yet.
   * @throws PackagingError
   */
  get(recording: StreamInput): Promise<string>;
}

/**
 * Caches streams in a folder, each under the hash of its input, so that a repeated import encodes nothing. A stream is
 * there whole or not at all, even if two imports make it at once.
 */
export async function openStreamCache(folder: string, ffmpeg: string): Promise<StreamCache> {
  await removeLeftovers(folder);
  return {
    async get({ input, captions }) {
      const name = nameOf({ input, captions });
      const stream = join(folder, name);
      // Complete streams are moved here, so a folder without its playlist is a remainder.
      const hasFolder = await exists(stream);
      if (await exists(join(stream, MASTER_PLAYLIST))) return stream;
      if (hasFolder) await rm(stream, { recursive: true, force: true });

      const own = `${stream}.${randomUUID()}.${process.pid}`;
      await mkdir(folder, { recursive: true });
      try {
        await packageStream({
          ...{ ffmpeg, input: input.path, folder: own },
          captions: captions.map(({ path, ...track }) => ({ ...track, file: path })),
        });
        // Otherwise every future import would find a wrong stream under this name.
        for (const file of [input, ...captions]) {
          if ((await digestFile(file.path)).sha256 !== file.sha256) throw fileChanged(file);
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

function nameOf({ input, captions }: StreamInput): string {
  const identity = {
    version: PACKAGER_VERSION,
    input: input.sha256,
    captions: captions.map(({ language, label, sha256 }) => [language, label, sha256]),
  };
  return createHash('sha256').update(JSON.stringify(identity)).digest('hex');
}

async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(orUndefined)) !== undefined;
}

/** Remainders of killed imports: names with the id of a process that is gone. */
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
    // A process of another user is running too.
    return codeOf(error) === 'EPERM';
  }
}

function orUndefined(error: unknown): undefined {
  if (codeOf(error) !== 'ENOENT') throw error;
}
