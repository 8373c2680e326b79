import type {
  ArticleSource,
  CourseSource,
  LessonSource,
  RecordingSource,
} from '../../../publishing/course/course-source.ts';
import { parseMarkdown, renderMarkdown } from '../../../publishing/markdown/markdown.ts';

/** An article, with `markdown` rendered as by the importer. */
export function buildArticle({
  markdown = 'A lesson says *one* thing.',
  ...overrides
}: Partial<ArticleSource> & { markdown?: string } = {}): ArticleSource {
  return {
    id: 'say-one-thing',
    title: 'Say one thing',
    kind: 'article',
    preview: false,
    text: renderMarkdown(parseMarkdown(markdown), (path) => path),
    ...overrides,
  };
}

/** An audio lesson. */
export function buildRecording(overrides: Partial<RecordingSource> = {}): RecordingSource {
  const sha256 = '2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae';
  return {
    id: 'what-is-sound',
    title: 'What is sound?',
    kind: 'audio',
    preview: false,
    text: renderMarkdown(parseMarkdown('Listen first.'), (path) => path),
    durationSeconds: 151.3,
    recording: {
      file: {
        key: `media/sound-and-listening/${sha256.slice(0, 32)}.mp3`,
        contentType: 'audio/mpeg',
        sizeBytes: 1_210_400,
        sha256,
      },
      stream: null,
      transcriptFile: null,
      chaptersFile: null,
    },
    transcript: null,
    captions: [],
    ...overrides,
  };
}

/** A public course with one article, unless `lessons` (in one module) or `modules` say otherwise. */
export function buildCourseSource({
  lessons = [buildArticle()],
  ...overrides
}: Partial<CourseSource> & { lessons?: readonly LessonSource[] } = {}): CourseSource {
  return {
    id: 'writing-that-teaches',
    title: 'Writing that teaches',
    summary: 'Plain words, one idea at a time.',
    language: 'en',
    topics: ['writing'],
    level: 'beginner',
    access: 'public',
    authors: ['Ada Moore'],
    image: null,
    modules: [{ id: 'basics', title: 'The basics', lessons }],
    ...overrides,
  };
}
