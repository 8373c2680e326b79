import { readdir } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { assetReference } from '../../shared/assets.ts';
import type { CourseSource, LessonSource, RecordingSource } from '../course/course-source.ts';
import { type Asset, storedMedia } from '../recording/asset.ts';
import { type FileFormat, formatFor } from '../recording/file-format.ts';
import { readStreamFolder } from '../recording/stream-folder.ts';
import type { Progress } from '../reporting/progress.ts';
import type { StoreFile } from '../store/media-store.ts';
import { MASTER_PLAYLIST } from './package-stream.ts';
import type { StreamCache } from './stream-cache.ts';

/** The name of the folder of a generated stream among the files of a course. */
const ROOT = 'stream/';

/** A course, and the files that it refers to. */
interface CourseContent {
  readonly source: CourseSource;
  readonly assets: readonly Asset[];
}

/** Adds a stream to every recording of a course that has only a file. */
export async function addStreams(
  { source, assets }: CourseContent,
  streams: StreamCache,
  progress: Progress,
): Promise<CourseContent> {
  const files = new Map(assets.flatMap((asset) => asset.files).map((file) => [file.key, file]));
  const lessons = source.modules.flatMap((module) => module.lessons).filter(isFileAlone);
  const added = new Map<LessonSource, Asset>();

  const stage = progress.stage(`making streams of ${source.id}`, lessons.length);
  try {
    for (const lesson of lessons) {
      added.set(lesson, await streamOf(lesson, source.id, files, streams));
      stage.advance();
    }
  } finally {
    stage.end();
  }
  return {
    assets: [...assets, ...added.values()],
    source: {
      ...source,
      modules: source.modules.map((module) => ({
        ...module,
        lessons: module.lessons.map((lesson) => withStream(lesson, added.get(lesson))),
      })),
    },
  };
}

function isFileAlone(lesson: LessonSource): lesson is RecordingSource {
  return lesson.kind !== 'article' && lesson.recording.file !== null && lesson.recording.stream === null;
}

function withStream(lesson: LessonSource, stream: Asset | undefined): LessonSource {
  if (lesson.kind === 'article' || stream === undefined) return lesson;
  return { ...lesson, recording: { ...lesson.recording, stream: storedMedia(stream) } };
}

async function streamOf(
  { recording, captions }: RecordingSource,
  courseId: string,
  files: ReadonlyMap<string, StoreFile>,
  streams: StreamCache,
): Promise<Asset> {
  const references = new Map([...files.values()].map((file) => [assetReference(file.key), file]));
  const folder = await streams.get({
    input: expectDefined(files.get(recording.file?.key ?? '')),
    captions: captions.map(({ url, ...track }) => ({ ...track, ...expectDefined(references.get(url)) })),
  });
  const parts = new Map<string, FileFormat>();
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const name = relative(folder, join(entry.parentPath, entry.name)).replaceAll(sep, '/');
    parts.set(ROOT + name, expectDefined(formatFor(name, 'part of a stream')));
  }
  const fileAt = (path: string) => join(folder, path.slice(ROOT.length));
  const stream = { courseId, master: ROOT + MASTER_PLAYLIST, parts, fileAt };
  return expectDefined(
    await readStreamFolder(stream, (path) => (_, message) => {
      throw new Error(`${fileAt(path)} is not a valid stream: ${message}`);
    }),
  );
}

/** Reports errors in a course that was valid and a stream that we made, so there should be none. */
function expectDefined<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('A recording or its stream changed after it was checked');
  return value;
}
