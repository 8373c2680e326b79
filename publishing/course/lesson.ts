import { join } from 'node:path';
import { assetReference } from '../../shared/assets.ts';
import { schemaCompiler } from '../../shared/http/compile.ts';
import type { YamlFile, YamlPath } from '../files/yaml-file.ts';
import {
  type MarkdownText,
  parseMarkdown,
  type RenderedText,
  referencesIn,
  relativePath,
  renderMarkdown,
  type TextReference,
  topHeadingsIn,
} from '../markdown/markdown.ts';
import { storedMedia } from '../recording/asset.ts';
import { extensionOf } from '../recording/file-format.ts';
import { type Report, START } from '../reporting/issue.ts';
import { didYouMean } from '../reporting/suggestion.ts';
import { checkChapters } from './chapters.ts';
import type { CourseMedia } from './course-media.ts';
import {
  type ArticleFrontMatter,
  articleFrontMatter,
  frontMatterWithoutKind,
  type RecordingFrontMatter,
  recordingFrontMatter,
} from './course-schema.ts';
import type { LessonSource } from './course-source.ts';
import { type LessonFile, readLessonFile } from './lesson-file.ts';
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

/** What a lesson can refer to. */
export interface LessonContext {
  readonly folder: string;
  readonly lessonIds: ReadonlySet<string>;
  readonly media: CourseMedia;
}

/** Reads one lesson for publication. Undefined if it has errors, after reporting them. */
export async function readLesson(
  id: string,
  { folder, lessonIds, media }: LessonContext,
  report: Report,
): Promise<LessonSource | undefined> {
  const file = await readLessonFile(join(folder, 'lessons', `${id}.md`), report);
  if (file === undefined) return undefined;
  const frontMatter = file.frontMatter && (await readFrontMatter(file.frontMatter, media, report));
  const text = await readBody(file, { lessonIds, media }, report).catch((error: unknown) => {
    // Text can fail the parsers in one way only: thousands of nested quotes or tags.
    if (!(error instanceof RangeError)) throw error;
    report(START, 'the text is nested too deeply');
    return undefined;
  });

  if (frontMatter?.kind === 'article' && file.body === '') report(START, 'the article has no text');
  return frontMatter === undefined || text === undefined ? undefined : { id, ...frontMatter, text };
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

async function readBody(
  { body, inFile }: LessonFile,
  { lessonIds, media }: Pick<LessonContext, 'lessonIds' | 'media'>,
  report: Report,
): Promise<RenderedText> {
  const text: MarkdownText = parseMarkdown(body);
  for (const place of topHeadingsIn(text)) {
    report(inFile(place), 'level-1 headings are reserved for the lesson title: start with ##');
  }
  const keys = new Map<string, string>();
  for (const reference of referencesIn(text)) {
    const reportHere = (message: string) => report(inFile(reference.place), message);
    const path = imagePath(reference);
    if (path === undefined) {
      const issue = referenceIssue(reference, lessonIds);
      if (issue !== undefined) reportHere(issue);
    } else {
      const image = await media.use(path, 'image', reportHere);
      if (image !== undefined) keys.set(path, image.key);
    }
  }
  return renderMarkdown(text, (path) => assetReference(keys.get(path) ?? path));
}

function imagePath({ kind, target, inHtml }: TextReference): string | undefined {
  return kind === 'image' && !inHtml ? (relativePath(target) ?? undefined) : undefined;
}

/** Explains what is wrong with a link, or with an image that is not a file of the course. */
function referenceIssue({ kind, target, inHtml }: TextReference, lessonIds: ReadonlySet<string>): string | undefined {
  if (kind === 'image') {
    if (/^https:\/\//i.test(target)) return undefined;
    return inHtml && relativePath(target) !== null
      ? `use Markdown for this image: ![description](${target})`
      : `"${target}" is not an image of this course: use media/… or https://…`;
  }
  if (/^(?:https?:\/\/|mailto:)/i.test(target)) return undefined;
  if (!target.startsWith('lesson:')) return `"${target}" is not a valid link: use https://… or lesson:<id>`;
  const id = target.slice('lesson:'.length);
  return lessonIds.has(id) ? undefined : `there is no lesson "${id}" in this course${didYouMean(id, lessonIds)}`;
}
