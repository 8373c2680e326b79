import { join } from 'node:path';
import { dirname } from 'node:path/posix';
import { type Report, type ReportIn, START } from '../files/fault.ts';
import { digestFile } from '../files/file-digest.ts';
import { didYouMean } from '../files/suggestion.ts';
import { readText } from '../files/text-file.ts';
import { type Asset, keyOf, type PlayedAsset, type StoreRoot } from '../recording/asset.ts';
import {
  contradiction,
  extensionOf,
  type FileFormat,
  type FileUse,
  formatFor,
  USES,
} from '../recording/file-format.ts';
import { measureFile } from '../recording/measure-file.ts';
import { measureStream } from '../recording/measure-stream.ts';
import { type Measurement, misfit, type Track } from '../recording/measurement.ts';
import type { Measurements } from '../recording/measurements.ts';
import { readStreamFolder } from '../recording/stream-folder.ts';

/**
 * The files of one course, opened on use. Methods return undefined for a file that cannot be used, after reporting it.
 */
export interface CourseMedia {
  /** Returns the asset at a path. */
  use(path: string, use: 'cover' | 'image', report: Complain): Promise<Asset | undefined>;
  /** Returns the asset at a path, and its content. */
  useText(path: string, use: 'transcript' | 'captions' | 'chapters', report: Complain): Promise<TextAsset | undefined>;
  /** Returns the asset at a path, if a lesson of this kind can play it. */
  useRecording(
    path: string,
    use: Track['kind'] | 'stream',
    kind: Track['kind'],
    report: Complain,
  ): Promise<PlayedAsset | undefined>;
  /** Returns the files that nothing uses. */
  unused(): readonly string[];
  /** Returns every used asset once. */
  assets(): Promise<readonly Asset[]>;
}

export interface TextAsset {
  readonly asset: Asset;
  readonly text: string;
  /** Reports errors in the text. */
  readonly report: Report;
}

/** Reports errors in the use of a file, at the place that names it. */
type Complain = (message: string) => void;

export interface CourseFiles {
  readonly folder: string;
  readonly courseId: string;
  /** By path from the folder. */
  readonly files: ReadonlySet<string>;
  readonly measurements: Measurements;
}

export function openMedia({ folder, courseId, files, measurements }: CourseFiles, reportIn: ReportIn): CourseMedia {
  const media = new Set([...files].filter((path) => path.startsWith('media/')));
  const used = new Set<string>();
  const assets = new Map<string, Promise<Asset | undefined>>();
  const measured = new Map<string, Promise<Measurement | string | undefined>>();
  const fileAt = (path: string) => join(folder, path);

  async function check(path: string, use: FileUse, report: Complain): Promise<FileFormat | undefined> {
    const fault = pathFault(path) ?? (media.has(path) ? undefined : `there is no ${path}${didYouMean(path, media)}`);
    if (fault !== undefined) {
      report(fault);
      return undefined;
    }
    used.add(path);
    const format = formatFor(path, use);
    const contradicted = format && (await contradiction(fileAt(path), format));
    if (format === undefined) report(unfit(path, use));
    else if (contradicted !== undefined) report(`${path} ${contradicted}`);
    else return format;
    return undefined;
  }

  /** Opens each path once, however often it is used. */
  async function open(path: string, use: FileUse, report: Complain): Promise<Asset | undefined> {
    const format = await check(path, use, report);
    if (format === undefined) return undefined;
    const root: StoreRoot = use === 'audio' || use === 'video' || use === 'stream' ? 'media' : 'courses';
    const asset = assets.get(path) ?? (format.extension === 'm3u8' ? openStream(path) : openFile(path, format, root));
    assets.set(path, asset);
    return asset;
  }

  async function openFile(path: string, { extension, contentType }: FileFormat, root: StoreRoot): Promise<Asset> {
    const digest = await digestFile(fileAt(path));
    const key = `${keyOf(root, courseId, digest.sha256)}.${extension}`;
    return { kind: 'file', key, contentType, ...digest, files: [{ path: fileAt(path), key, contentType, ...digest }] };
  }

  async function openStream(master: string): Promise<Asset | undefined> {
    const root = `${dirname(master)}/`;
    if (root === 'media/') {
      reportIn(master)(START, 'a stream needs a folder of its own, such as media/intro/');
      return undefined;
    }
    const parts = [...media].filter((path) => path.startsWith(root));
    const formats = new Map<string, FileFormat>();
    for (const path of parts) {
      const format = await check(path, 'part of a stream', (message) => reportIn(path)(START, message));
      if (format !== undefined) formats.set(path, format);
    }
    const stream = await readStreamFolder({ courseId, master, parts: formats, fileAt }, reportIn);
    return formats.size < parts.length ? undefined : stream;
  }

  /** Measures a recording. Undefined if it cannot be used, after reporting it. */
  async function measure(path: string, { kind, sha256 }: Asset): Promise<Measurement | string | undefined> {
    const measurement =
      measured.get(path) ??
      measurements.of<string | undefined>(sha256, () =>
        kind === 'stream' ? measureStream({ master: path, fileAt }, reportIn) : measureUnchanged(path, sha256),
      );
    measured.set(path, measurement);
    return measurement;
  }

  /** Measurements are cached by this hash, so they must come from the file with this hash. */
  async function measureUnchanged(path: string, sha256: string): Promise<Measurement | string> {
    const found = await measureFile(fileAt(path));
    return (await digestFile(fileAt(path))).sha256 === sha256 ? found : 'was changed while it was read: import again';
  }

  return {
    use: open,
    async useText(path, use, report) {
      const asset = await open(path, use, report);
      if (asset === undefined) return undefined;
      const text = await readText(fileAt(path), reportIn(path));
      return text === undefined ? undefined : { asset, text, report: reportIn(path) };
    },
    async useRecording(path, use, kind, report) {
      const asset = await open(path, use, report);
      const found = asset && (await measure(path, asset));
      if (asset === undefined || found === undefined) return undefined;
      const fault = typeof found === 'string' ? found : misfit(kind, found);
      if (typeof found !== 'string' && fault === undefined) return { ...asset, durationSeconds: found.durationSeconds };
      report(`${path} ${fault}`);
      return undefined;
    },
    unused: () => [...media].filter((path) => !used.has(path)),
    assets: async () => (await Promise.all(assets.values())).filter((asset) => asset !== undefined),
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
