import { join, posix } from 'node:path';
import { assetReference } from '../../shared/assets.ts';
import { schemaCompiler } from '../../shared/http/compile.ts';
import type { YamlFile, YamlPath } from '../files/yaml-file.ts';
import type { TextWarning } from '../markdown/losses.ts';
import {
  localPath,
  parseMarkdown,
  type RenderedText,
  referencesIn,
  renderMarkdown,
  topHeadingsIn,
} from '../markdown/markdown.ts';
import { storedMedia } from '../recording/asset.ts';
import { extensionOf } from '../recording/file-format.ts';
import { type Report, START } from '../reporting/issue.ts';
import { checkChapters } from './chapters.ts';
import type { CourseMedia } from './course-media.ts';
import {
  type ArticleFrontMatter,
  articleFrontMatter,
  type CourseFile,
  frontMatterWithoutKind,
  type RecordingFrontMatter,
  recordingFrontMatter,
} from './course-schema.ts';
import type { LessonSource } from './course-source.ts';
import { type LessonFile, readLessonFile } from './lesson-file.ts';
import { type LessonAnchors, type LessonLink, type LessonPaths, resolveLink } from './lesson-links.ts';
import { checkWebVtt } from './webvtt.ts';

const ajv = schemaCompiler('body', { verbose: true });
const isArticle = ajv.compile<ArticleFrontMatter>(articleFrontMatter);
const isRecording = ajv.compile<RecordingFrontMatter>(recordingFrontMatter);
// Never valid without a kind: this finds the other errors.
const isWithoutKind = ajv.compile<never>(frontMatterWithoutKind);

/** Accepts a duration that was rounded, but not that of another cut of the recording. */
const DURATION_TOLERANCE_SECONDS = 0.5;

/** A stream ends with the last frame of an encoder. */
const STREAM_TOLERANCE_SECONDS = 1;

/** What a lesson can refer to, and what it is a part of. */
export interface LessonContext {
  readonly folder: string;
  readonly language: CourseFile['language'] | undefined;
  readonly embeds: CourseFile['embeds'] | undefined;
  readonly lessons: LessonPaths;
  readonly media: CourseMedia;
}

/** A lesson for publication. */
export interface ReadLesson extends Pick<LessonAnchors, 'anchors' | 'links'> {
  /** Undefined if the lesson has errors, after reporting them. */
  readonly source: LessonSource | undefined;
}

/** Reads one lesson for publication. Undefined if it has no text, after reporting it. */
export async function readLesson(id: string, context: LessonContext, report: Report): Promise<ReadLesson | undefined> {
  const file = await readLessonFile(join(context.folder, 'lessons', `${id}.md`), report);
  if (file === undefined) return undefined;
  const frontMatter = file.frontMatter && (await readFrontMatter(file.frontMatter, context.media, report));
  const title = file.frontMatter?.valueAt(['title']);
  const body = await readBody({ id, title, file }, context, report).catch((error: unknown) => {
    // Text can fail the parsers in one way only: thousands of nested quotes or tags.
    if (!(error instanceof RangeError)) throw error;
    report(START, 'the text is nested too deeply');
    return undefined;
  });

  if (frontMatter?.kind === 'article' && file.body === '') report(START, 'the article has no text');
  return body && { ...body, source: frontMatter && { id, ...frontMatter, text: body.text } };
}

/** A lesson without its name and text, for each kind, because `Omit` of a union would merge the kinds. */
type FrontMatter = LessonSource extends infer Lesson
  ? Lesson extends LessonSource
    ? Omit<Lesson, 'id' | 'text'>
    : never
  : never;

async function readFrontMatter(yaml: YamlFile, media: CourseMedia, report: Report): Promise<FrontMatter | undefined> {
  const kind = yaml.valueAt(['kind']);
  if (kind === 'article') {
    const frontMatter = yaml.as(isArticle);
    return frontMatter && { kind: 'article', title: frontMatter.title, preview: frontMatter.preview };
  }
  if (kind === 'audio' || kind === 'video') {
    const frontMatter = yaml.as(isRecording);
    return frontMatter && readRecording(frontMatter, yaml, media, report);
  }
  return yaml.as(isWithoutKind);
}

async function readRecording(
  frontMatter: RecordingFrontMatter,
  yaml: YamlFile,
  media: CourseMedia,
  report: Report,
): Promise<FrontMatter | undefined> {
  const { title, kind, preview, transcript, chapters, captions = [] } = frontMatter;
  const at = (path: YamlPath) => (message: string) => report(yaml.placeOf(path), message);

  const recording = await media.useRecording(frontMatter.media, kind, kind, at(['media']));
  const durationSeconds = frontMatter.durationSeconds ?? recording?.durationSeconds ?? 0;
  if (recording && differ(durationSeconds, recording.durationSeconds, DURATION_TOLERANCE_SECONDS)) {
    at(['durationSeconds'])(
      `the lesson says ${durationSeconds} s, but ${frontMatter.media} lasts ${recording.durationSeconds} s`,
    );
  }
  const stream =
    frontMatter.stream === undefined
      ? null
      : await media.useRecording(frontMatter.stream, 'stream', kind, at(['stream']));
  if (frontMatter.stream !== undefined && extensionOf(frontMatter.media) === 'm3u8') {
    at(['stream'])('"media" is already a stream: remove "stream"');
  }
  if (stream && recording && differ(stream.durationSeconds, recording.durationSeconds, STREAM_TOLERANCE_SECONDS)) {
    at(['stream'])(
      `${frontMatter.stream} lasts ${stream.durationSeconds} s, but ${frontMatter.media} lasts ${recording.durationSeconds} s`,
    );
  }
  const tracks = await Promise.all(
    captions.map(async ({ language, label, file }, index) => {
      if (captions.slice(0, index).some((other) => other.language === language && other.label === label)) {
        at(['captions', index])(`duplicate track "${label}" in the same language`);
      }
      const track = await media.useText(file, 'captions', at(['captions', index, 'file']));
      if (track) checkWebVtt(track.text, recording?.durationSeconds, track.report);
      return { language, label, url: assetReference(track?.asset.key ?? '') };
    }),
  );
  const transcriptAsset =
    transcript === undefined ? null : await media.useText(transcript, 'transcript', at(['transcript']));
  const chaptersAsset = chapters === undefined ? null : await media.useText(chapters, 'chapters', at(['chapters']));
  if (chaptersAsset) checkChapters(chaptersAsset.text, recording?.durationSeconds, chaptersAsset.report);
  if (recording === undefined || stream === undefined || transcriptAsset === undefined || chaptersAsset === undefined) {
    return undefined;
  }

  return {
    ...{ title, kind, preview, durationSeconds, transcript: transcriptAsset?.text ?? null, captions: tracks },
    recording: {
      file: recording.kind === 'stream' ? null : storedMedia(recording),
      stream: recording.kind === 'stream' ? storedMedia(recording) : stream && storedMedia(stream),
      transcriptFile: transcriptAsset && assetReference(transcriptAsset.asset.key),
      chaptersFile: chaptersAsset && assetReference(chaptersAsset.asset.key),
    },
  };
}

function differ(seconds: number, otherSeconds: number, tolerance: number): boolean {
  return Math.abs(seconds - otherSeconds) > tolerance;
}

interface LessonBody {
  readonly id: string;
  /** As in the front matter, valid or not. */
  readonly title: unknown;
  readonly file: LessonFile;
}

async function readBody(
  { id, title, file: { body, inFile } }: LessonBody,
  { lessons, media, language, embeds }: LessonContext,
  report: Report,
): Promise<Pick<LessonAnchors, 'anchors' | 'links'> & { readonly text: RenderedText }> {
  const lessonPath = `lessons/${id}.md`;
  const warn = ({ place, message }: TextWarning) => report(inFile(place), message, 'warning');
  const text = parseMarkdown(body, {
    ...{ lessonId: id, language, embeds },
    title: typeof title === 'string' ? title : undefined,
  });
  for (const warning of text.warnings) warn(warning);
  for (const place of topHeadingsIn(text)) {
    warn({ place, message: 'level-1 headings are reserved for the lesson title, so this one is published as ##' });
  }

  const resolve = (target: string) => resolveLink(target, { lessonPath, lessons, anchors: text.anchors });
  const links: LessonLink[] = [];
  const keys = new Map<string, string>();
  for (const { kind, target, place } of referencesIn(text)) {
    if (kind === 'image') {
      const path = await findImage(
        target,
        { lessonPath, media },
        { warn: (message) => warn({ place, message }), refuse: (message) => report(inFile(place), message) },
      );
      if (path !== undefined) keys.set(path.written, path.key);
      continue;
    }
    const link = resolve(target);
    if (link.issue !== undefined) report(inFile(place), link.issue, link.severity);
    if (link.fragment !== undefined) links.push({ ...link.fragment, place: inFile(place) });
  }
  const rendered = renderMarkdown(
    text,
    (path) => {
      const key = keys.get(path);
      return key && assetReference(key);
    },
    { link: (target) => resolve(target).address, warn },
  );
  return { text: rendered, anchors: text.anchors, links };
}

/** Finds an image of the course: from the lesson, from the course, or from its root by a slash. */
async function findImage(
  target: string,
  { lessonPath, media }: { readonly lessonPath: string; readonly media: CourseMedia },
  { warn, refuse }: Readonly<Record<'warn' | 'refuse', (message: string) => void>>,
): Promise<{ readonly written: string; readonly key: string } | undefined> {
  if (/^https:\/\//i.test(target)) return undefined;
  if (/^(?:http:)?\/\//i.test(target)) {
    warn(`"${target}" is loaded by https: check that it is there, and write https://…`);
    return undefined;
  }
  const written = localPath(target);
  const [plain = ''] = written?.split(/[?#]/) ?? [];
  const candidates = [written ?? '', plain].flatMap((path) => [
    path.startsWith('/') ? path.slice(1) : posix.join(posix.dirname(lessonPath), path),
    ...(path.startsWith('/') ? [`lessons${path}`] : [posix.normalize(path)]),
  ]);
  const found = candidates.find((path) => media.has(path));
  if (written === null || (found === undefined && written.startsWith('/'))) {
    warn(`"${target}" is not an image of this course: use media/… or https://…`);
    return undefined;
  }
  if (found === undefined) {
    warn(media.missing(written));
    return undefined;
  }
  const image = await media.use(found, 'image', refuse);
  return image && { written, key: image.key };
}
