import { createHash } from 'node:crypto';
import type { CourseSource, LessonSource } from '../../publishing/course/course-source.ts';
import { parseMarkdown, renderMarkdown } from '../../publishing/markdown/markdown.ts';
import { pickRanked, pickWeighted, seededRandom } from './random.ts';
import {
  ACCESS,
  ASPECTS,
  AUDIENCES,
  AUTHORS,
  LANGUAGES,
  LEVELS,
  SUBJECTS,
  SUMMARY_WORDS,
  TITLE_FORMS,
} from './vocabulary.ts';

/** Rendered once, since it is the catalog that is measured; a lesson of some 600 words. */
const TEXT = renderMarkdown(
  parseMarkdown(
    Array.from(
      { length: 12 },
      (_, part) =>
        `## Part ${part + 1}\n\n${SUMMARY_WORDS.slice(0, 44).join(' ')}, *said once more*.\n\n- one\n- two\n`,
    ).join('\n'),
  ),
  (path) => path,
);

/** A plausible course, the same for the same number on every run. */
export function generatedCourse(number: number): CourseSource {
  const random = seededRandom(number + 1);
  const subjects = [
    ...new Set(Array.from({ length: 1 + Math.floor(random() * 3) }, () => pickRanked(random, SUBJECTS))),
  ];
  const title = pickWeighted(random, TITLE_FORMS)
    .replace('{subject}', subjects[0] ?? '')
    .replace('{aspect}', pickRanked(random, ASPECTS))
    .replace('{audience}', pickRanked(random, AUDIENCES));
  const kinds = pickWeighted(random, [
    [['article'], 40],
    [['video'], 20],
    [['article', 'video'], 25],
    [['audio'], 8],
    [['article', 'audio', 'video'], 7],
  ] as const);
  return {
    id: `${slugOf(title)}-${number}`,
    title: title.charAt(0).toUpperCase() + title.slice(1),
    summary: `${Array.from({ length: 8 + Math.floor(random() * 10) }, () => pickRanked(random, SUMMARY_WORDS)).join(' ')}.`,
    language: pickWeighted(random, LANGUAGES),
    topics: subjects.map(slugOf),
    level: pickWeighted(random, LEVELS),
    access: pickWeighted(random, ACCESS),
    authors: [pickRanked(random, AUTHORS)],
    image: `lectern-asset:courses/${number}/cover.png`,
    modules: Array.from({ length: 2 }, (_, module) => ({
      id: `module-${module + 1}`,
      title: `Module ${module + 1}`,
      lessons: Array.from({ length: 3 }, (__, lesson) => {
        const index = module * 3 + lesson;
        return generatedLesson(number, index, kinds[index % kinds.length] ?? 'article');
      }),
    })),
  };
}

function generatedLesson(course: number, index: number, kind: LessonSource['kind']): LessonSource {
  const common = { id: `lesson-${index + 1}`, title: `Lesson ${index + 1}`, preview: index === 0, text: TEXT };
  if (kind === 'article') return { ...common, kind };
  return {
    ...common,
    kind,
    durationSeconds: 300 + index * 60,
    recording: {
      file: {
        key: `media/${course}/${index}.mp4`,
        contentType: 'video/mp4',
        sizeBytes: 40_000_000,
        sha256: createHash('sha256').update(`${course}/${index}`).digest('hex'),
      },
      stream: null,
      transcriptFile: null,
      chaptersFile: null,
    },
    transcript: null,
    captions: [],
  };
}

function slugOf(text: string): string {
  return text
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-|-$/g, '');
}
