import { closedObject } from './closed-object.ts';
import { nullable } from './nullable.ts';

/*
 * The shapes of courses and lessons that clients see. JSON Schema 2020-12, written `as const`, so that types,
 * validators and the API document have one source. A PascalCase `title` names the schema in the document.
 */

/** The id of a course, module or lesson. Readable in a URL, and in a key such as `course/lesson`. */
export const slug = { type: 'string', pattern: '^[a-z0-9]+(?:-[a-z0-9]+)*$', maxLength: 64 } as const;

/** The id of a course in a path or a body. */
export const courseId = { ...slug, examples: ['listening-to-the-world'] } as const;

/** The id of a lesson in a path or a body. */
export const lessonId = { ...slug, examples: ['birds-at-dawn'] } as const;

/** A BCP 47 language tag, such as `en` or `pt-BR`. */
export const language = {
  type: 'string',
  pattern: '^[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8}){0,3}$',
} as const;

export const level = { title: 'Level', type: 'string', enum: ['beginner', 'intermediate', 'advanced'] } as const;

export const lessonKind = { title: 'LessonKind', type: 'string', enum: ['article', 'audio', 'video'] } as const;

/** Who may read the lessons of a course: everyone, signed-in learners, or learners with a grant. */
export const access = { title: 'Access', type: 'string', enum: ['public', 'members', 'restricted'] } as const;

export const timestamp = { type: 'string', format: 'date-time', examples: ['2026-11-02T09:30:00.000Z'] } as const;

export const sha256 = { type: 'string', pattern: '^[0-9a-f]{64}$' } as const;

export const url = { type: 'string', format: 'uri' } as const;

const text = { type: 'string', minLength: 1 } as const;

const lessonReference = closedObject(
  { id: slug, title: text },
  { title: 'LessonReference', examples: [{ id: 'say-one-thing', title: 'Say one thing' }] },
);

const summaryProperties = {
  id: slug,
  title: text,
  summary: text,
  language,
  topics: { type: 'array', items: slug },
  level,
  formats: { type: 'array', items: lessonKind, description: 'The kinds of lessons in the course.' },
  access,
  authors: { type: 'array', items: text },
  image: { ...url, type: ['string', 'null'] },
  lessonCount: { type: 'integer', minimum: 0 },
  durationSeconds: { type: 'number', minimum: 0, description: 'Total duration of audio and video.' },
  revision: { type: 'integer', minimum: 1, description: 'Increases by one with each publication.' },
  publishedAt: { ...timestamp, description: 'When the course was first published.' },
  updatedAt: { ...timestamp, description: 'When this revision was published.' },
} as const;

const summaryExample = {
  id: 'writing-that-teaches',
  title: 'Writing that teaches',
  summary: 'Plain words, one idea at a time: how to write lessons that people finish.',
  language: 'en',
  topics: ['writing', 'teaching'],
  level: 'beginner',
  formats: ['article'],
  access: 'public',
  authors: ['Ada Moore'],
  image: 'https://media.example.com/courses/writing-that-teaches/2c26b46b68ffc68f.png',
  lessonCount: 9,
  durationSeconds: 0,
  revision: 3,
  publishedAt: '2026-10-01T08:00:00.000Z',
  updatedAt: '2026-11-02T09:30:00.000Z',
} as const;

export const courseSummary = closedObject(summaryProperties, {
  title: 'CourseSummary',
  description: 'A published course as the catalog lists it.',
  examples: [summaryExample],
});

const outlineProperties = {
  id: slug,
  title: text,
  kind: lessonKind,
  durationSeconds: { type: ['number', 'null'], minimum: 0, description: 'Null for an article.' },
  wordCount: { type: 'integer', minimum: 0 },
  preview: { type: 'boolean', description: 'Readable without an account, whatever the access to the course.' },
  sizeBytes: {
    type: 'integer',
    format: 'int64',
    minimum: 0,
    description: 'The size of an offline copy: the media, or the text of an article.',
  },
  contentHash: { ...sha256, description: 'Changes exactly when the content of the lesson does.' },
} as const;

const outlineExample = {
  id: 'say-one-thing',
  title: 'Say one thing',
  kind: 'article',
  durationSeconds: null,
  wordCount: 640,
  preview: false,
  sizeBytes: 3851,
  contentHash: '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
} as const;

const lessonOutline = closedObject(outlineProperties, {
  title: 'LessonOutline',
  description: 'A lesson as the outline of its course lists it.',
  examples: [outlineExample],
});

export const moduleOutline = closedObject(
  { id: slug, title: text, lessons: { type: 'array', items: lessonOutline } },
  { title: 'ModuleOutline', examples: [{ id: 'one-idea', title: 'One idea at a time', lessons: [outlineExample] }] },
);

export const course = closedObject(
  { ...summaryProperties, modules: { type: 'array', items: moduleOutline } },
  {
    title: 'Course',
    description: 'A published course with its outline.',
    examples: [
      { ...summaryExample, modules: [{ id: 'one-idea', title: 'One idea at a time', lessons: [outlineExample] }] },
    ],
  },
);

export const captionTrack = closedObject(
  { language, label: text, url },
  {
    title: 'CaptionTrack',
    description: 'A WebVTT file.',
    examples: [
      {
        language: 'en',
        label: 'English',
        url: 'https://media.example.com/courses/seeing-with-numbers/486ea46224d1bb4f.vtt',
      },
    ],
  },
);

const headingExample = { id: 'user-content-one-thing', level: 2, title: 'One thing' } as const;

const heading = closedObject(
  {
    id: { ...text, description: 'Its id in `html`.' },
    level: { type: 'integer', minimum: 2, maximum: 6 },
    title: { type: 'string', description: 'Empty if it is only an image.' },
  },
  { title: 'Heading', description: 'A heading of a lesson.', examples: [headingExample] },
);

export const lesson = closedObject(
  {
    ...outlineProperties,
    courseId: slug,
    courseRevision: { type: 'integer', minimum: 1 },
    markdown: {
      type: 'string',
      description: 'As the author wrote it, not sanitized, for apps that render it themselves.',
    },
    html: { type: 'string', description: 'The same text, rendered and sanitized.' },
    headings: {
      type: 'array',
      items: heading,
      description: 'The headings in `html`, in order.',
    },
    transcript: { type: ['string', 'null'] },
    captions: { type: 'array', items: captionTrack },
    previous: nullable(lessonReference, 'The lesson before. Null if this is the first.'),
    next: nullable(lessonReference, 'The lesson after. Null if this is the last.'),
  },
  {
    title: 'Lesson',
    description: 'The text of a published lesson.',
    examples: [
      {
        ...outlineExample,
        courseId: 'writing-that-teaches',
        courseRevision: 3,
        markdown: '## One thing\n\nA lesson says *one* thing.',
        html: '<h2 id="user-content-one-thing">One thing</h2>\n<p>A lesson says <em>one</em> thing.</p>',
        headings: [headingExample],
        transcript: null,
        captions: [],
        previous: null,
        next: { id: 'show-then-tell', title: 'Show, then tell' },
      },
    ],
  },
);
