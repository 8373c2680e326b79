import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { dirname } from 'node:path/posix';
import { pipeline } from 'node:stream/promises';
import { type ReportIn, START } from './fault.ts';
import { contradiction, extensionOf, type FileUse, formatFor, USES } from './file-format.ts';
import { checkPlaylist } from './stream-folder.ts';
import { didYouMean } from './suggestion.ts';
import { readText } from './text-file.ts';
import { checkWebVtt } from './webvtt.ts';

/** A file of a course, or the folder of a stream, and the name it gets in the media store. */
export interface Asset {
  readonly kind: 'progressive' | 'hls';
  readonly key: string;
  readonly contentType: string;
  readonly sizeBytes: number;
  readonly sha256: string;
  /** What has to be copied: the path of each file, and its key. */
  readonly files: readonly { readonly path: string; readonly key: string }[];
}

/** The files of one course, as they come to be used. */
export interface CourseMedia {
  /** The asset a path names. Undefined when it cannot be used so, which has been reported. */
  use(path: string, use: FileUse, report: (message: string) => void): Promise<Asset | undefined>;
  /** The text of a file that was named. Undefined when there is none, which has been reported. */
  useText(path: string, report: (message: string) => void): Promise<string | undefined>;
  /** Files that nothing has used. */
  unused(): readonly string[];
  /** Everything used, each once. */
  assets(): Promise<readonly Asset[]>;
}

/**
 * The two parts of the media store. What is read with a lesson, such as its images, is below `courses/`, for whoever knows
 * its name; recordings are below `media/`, for holders of a playback grant.
 */
type StoreRoot = 'courses' | 'media';

/** Keys are public and long enough never to meet: 128 bits of the hash. */
const KEY_HASH_LENGTH = 32;

/** @param files of the course, by path from its folder. */
export function openMedia(
  folder: string,
  courseId: string,
  files: ReadonlySet<string>,
  reportIn: ReportIn,
): CourseMedia {
  const media = new Set([...files].filter((path) => path.startsWith('media/')));
  const used = new Set<string>();
  const assets = new Map<string, Promise<Asset>>();

  async function check(path: string, use: FileUse, report: (message: string) => void) {
    const fault = pathFault(path) ?? (media.has(path) ? undefined : `there is no ${path}${didYouMean(path, media)}`);
    if (fault !== undefined) {
      report(fault);
      return undefined;
    }
    used.add(path);
    const format = formatFor(path, use);
    const contradicted = format && (await contradiction(join(folder, path), format));
    if (format === undefined) report(unfit(path, use));
    else if (contradicted !== undefined) report(`${path} ${contradicted}`);
    else return format;
    return undefined;
  }

  async function openFile(path: string, contentType: string, root: StoreRoot): Promise<Asset> {
    const { sha256, sizeBytes } = await digest(join(folder, path));
    const key = `${root}/${courseId}/${sha256.slice(0, KEY_HASH_LENGTH)}.${extensionOf(path)}`;
    if (extensionOf(path) === 'vtt') {
      const text = await readText(join(folder, path), reportIn(path));
      if (text !== undefined) checkWebVtt(text, reportIn(path));
    }
    return { kind: 'progressive', key, contentType, sizeBytes, sha256, files: [{ path: join(folder, path), key }] };
  }

  async function openStream(playlist: string, contentType: string): Promise<Asset> {
    const root = `${dirname(playlist)}/`;
    const parts = new Set([...media].filter((path) => path.startsWith(root)));
    if (root === 'media/') reportIn(playlist)(START, 'a stream needs a folder of its own, such as media/intro/');
    else for (const path of parts) await openPart(path, parts);

    const digests = await Promise.all(
      [...parts].map(async (path) => ({ path, ...(await digest(join(folder, path))) })),
    );
    // The form that sha256sum prints, so that anybody can check it.
    const lines = digests.map(({ path, sha256 }) => `${sha256}  ${path.slice(root.length)}\n`);
    const sha256 = createHash('sha256').update(lines.sort().join('')).digest('hex');
    const prefix = `media/${courseId}/${sha256.slice(0, KEY_HASH_LENGTH)}/`;
    const keyOf = (path: string) => prefix + path.slice(root.length);
    return {
      kind: 'hls',
      key: keyOf(playlist),
      contentType,
      sizeBytes: digests.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
      sha256,
      files: [...parts].map((path) => ({ path: join(folder, path), key: keyOf(path) })),
    };
  }

  async function openPart(path: string, parts: ReadonlySet<string>): Promise<void> {
    const report = reportIn(path);
    const format = await check(path, 'part of a stream', (message) => report(START, message));
    if (format?.extension !== 'm3u8') return;
    const text = await readText(join(folder, path), report);
    if (text !== undefined) checkPlaylist(path, text, parts, report);
  }

  return {
    async use(path, use, report) {
      const format = await check(path, use, report);
      if (format === undefined) return undefined;
      const asset =
        assets.get(path) ??
        (format.extension === 'm3u8'
          ? openStream(path, format.contentType)
          : openFile(path, format.contentType, use === 'audio' || use === 'video' ? 'media' : 'courses'));
      assets.set(path, asset);
      return asset;
    },
    async useText(path, report) {
      const format = await check(path, 'transcript', report);
      return format && readText(join(folder, path), reportIn(path));
    },
    unused: () => [...media].filter((path) => !used.has(path)),
    assets: () => Promise.all(assets.values()),
  };
}

function pathFault(path: string): string | undefined {
  const steps = path.split('/');
  if (path.startsWith('/') || /^[a-z]+:/i.test(path)) return `"${path}" must be a path from the folder of the course`;
  if (path.includes('\\')) return `"${path}" must be written with "/"`;
  if (steps.includes('..')) return `"${path}" leads out of the folder of the course`;
  if (steps[0] !== 'media') return `"${path}" must lie in media/`;
  return undefined;
}

function unfit(path: string, use: FileUse): string {
  if (extensionOf(path) === 'svg') return `${path} is SVG, which can carry scripts and is not taken`;
  const list = new Intl.ListFormat('en', { type: 'disjunction' }).format(USES[use].map((extension) => `.${extension}`));
  return `${path} cannot be used as ${use}: its name must end in ${list}`;
}

async function digest(path: string): Promise<{ readonly sha256: string; readonly sizeBytes: number }> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return { sha256: hash.digest('hex'), sizeBytes: (await stat(path)).size };
}
