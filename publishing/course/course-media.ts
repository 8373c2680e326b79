import { join } from 'node:path';
import { dirname } from 'node:path/posix';
import { digestFile } from '../files/file-digest.ts';
import { readText } from '../files/text-file.ts';
import { type Asset, keyOf, type PlayableAsset, type StoreRoot } from '../recording/asset.ts';
import {
  extensionOf,
  type FileFormat,
  type FileUse,
  formatFor,
  signatureIssue,
  USES,
} from '../recording/file-format.ts';
import { measureFile } from '../recording/measure-file.ts';
import { measureStream } from '../recording/measure-stream.ts';
import { type Measurement, playbackIssue, type Track } from '../recording/measurement.ts';
import type { MeasurementCache } from '../recording/measurement-cache.ts';
import { readStreamFolder } from '../recording/stream-folder.ts';
import { type Report, type ReportIn, START } from '../reporting/issue.ts';
import { didYouMean } from '../reporting/suggestion.ts';

/**
 * The files of one course, opened on use. Methods return undefined for a file that cannot be used, after reporting it.
 */
export interface CourseMedia {
  /** Whether there is a file at a path. */
  has(path: string): boolean;
  /** Explains why there is none. */
  missing(path: string): string;
  /** Returns the asset at a path. */
  use(path: string, use: 'cover' | 'image', report: ReportUse): Promise<Asset | undefined>;
  /** Returns the asset at a path, and its content. */
  useText(path: string, use: 'transcript' | 'captions' | 'chapters', report: ReportUse): Promise<TextAsset | undefined>;
  /** Returns the asset at a path, if a lesson of this kind can play it. */
  useRecording(
    path: string,
    use: Track['kind'] | 'stream',
    kind: Track['kind'],
    report: ReportUse,
  ): Promise<PlayableAsset | undefined>;
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

/** Reports an error at the place that refers to a file. */
type ReportUse = (message: string) => void;

export interface CourseFiles {
  readonly folder: string;
  readonly courseId: string;
  /** By path from the folder. */
  readonly files: ReadonlySet<string>;
  readonly measurements: MeasurementCache;
}

export function openMedia({ folder, courseId, files, measurements }: CourseFiles, reportIn: ReportIn): CourseMedia {
  const media = new Set([...files].filter((path) => path.startsWith('media/')));
  const used = new Set<string>();
  const assets = new Map<string, Promise<Asset | undefined>>();
  const measured = new Map<string, Promise<Measurement | string | undefined>>();
  const fileAt = (path: string) => join(folder, path);

  function missing(path: string): string {
    return pathIssue(path) ?? `there is no ${path}${didYouMean(path, media)}`;
  }

  async function check(path: string, use: FileUse, report: ReportUse): Promise<FileFormat | undefined> {
    const issue = pathIssue(path) ?? (media.has(path) ? undefined : missing(path));
    if (issue !== undefined) {
      report(issue);
      return undefined;
    }
    used.add(path);
    const format = formatFor(path, use);
    const mismatch = format && (await signatureIssue(fileAt(path), format));
    if (format === undefined) report(formatIssue(path, use));
    else if (mismatch !== undefined) report(`${path} ${mismatch}`);
    else return format;
    return undefined;
  }

  /** Opens each path once, however often it is used. */
  async function open(path: string, use: FileUse, report: ReportUse): Promise<Asset | undefined> {
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
      reportIn(master)(START, 'a stream must be in a folder of its own, such as media/intro/');
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

  /** Measures a recording, or returns what is wrong with it. Undefined for an unusable stream, after reporting it. */
  async function measure(path: string, { kind, sha256 }: Asset): Promise<Measurement | string | undefined> {
    const measurement =
      measured.get(path) ??
      measurements.get<string | undefined>(sha256, () =>
        kind === 'stream' ? measureStream({ master: path, fileAt }, reportIn) : measureUnchanged(path, sha256),
      );
    measured.set(path, measurement);
    return measurement;
  }

  /** MeasurementCache are cached by this hash, so they must come from the file with this hash. */
  async function measureUnchanged(path: string, sha256: string): Promise<Measurement | string> {
    const measurement = await measureFile(fileAt(path));
    return (await digestFile(fileAt(path))).sha256 === sha256 ? measurement : 'changed during the import: import again';
  }

  return {
    has: (path) => media.has(path),
    missing,
    use: open,
    async useText(path, use, report) {
      const asset = await open(path, use, report);
      if (asset === undefined) return undefined;
      const text = await readText(fileAt(path), reportIn(path));
      return text === undefined ? undefined : { asset, text, report: reportIn(path) };
    },
    async useRecording(path, use, kind, report) {
      const asset = await open(path, use, report);
      const measurement = asset && (await measure(path, asset));
      if (asset === undefined || measurement === undefined) return undefined;
      const issue = typeof measurement === 'string' ? measurement : playbackIssue(kind, measurement);
      if (typeof measurement !== 'string' && issue === undefined) {
        return { ...asset, durationSeconds: measurement.durationSeconds };
      }
      report(`${path} ${issue}`);
      return undefined;
    },
    unused: () => [...media].filter((path) => !used.has(path)),
    assets: async () => (await Promise.all(assets.values())).filter((asset) => asset !== undefined),
  };
}

function pathIssue(path: string): string | undefined {
  const steps = path.split('/');
  if (path.startsWith('/') || /^[a-z]+:/i.test(path)) return `"${path}" must be a path relative to the course folder`;
  if (path.includes('\\')) return `"${path}" must use "/" as the separator`;
  if (steps.includes('..')) return `"${path}" leads out of the course folder`;
  if (steps[0] !== 'media') return `"${path}" must be in media/`;
  return undefined;
}

function formatIssue(path: string, use: FileUse): string {
  if (extensionOf(path) === 'svg') return `${path} is SVG, which is not allowed because it can contain scripts`;
  const list = new Intl.ListFormat('en', { type: 'disjunction' }).format(USES[use].map((extension) => `.${extension}`));
  return `${path} cannot be used as ${use}: its name must end in ${list}`;
}
