import type { Static } from '../../shared/http/json-schema.ts';
import { access, language, lessonKind, level, slug } from '../../shared/schemas/course.ts';
import { EMBEDS } from '../markdown/embeds.ts';

/*
 * The content of course.yaml and of the front matter of a lesson (examples/courses/README.md). course-folder.ts and the
 * modules that it uses check what a schema cannot, such as that a file exists.
 */

/** No control characters, line breaks included, and no lone surrogates. */
const oneLine = { pattern: '^[^\\p{Cc}\\p{Cs}]*$' } as const;

/** A line of text that is not blank. */
const title = { type: 'string', pattern: '\\S', maxLength: 200, allOf: [oneLine] } as const;

/** The path of a file, from the folder of the course. course-media.ts decides which paths are valid. */
const path = { type: 'string', minLength: 1 } as const;

export const courseFile = {
  type: 'object',
  properties: {
    id: slug,
    title,
    summary: { ...title, maxLength: 1000 },
    language,
    topics: { type: 'array', items: slug, minItems: 1, maxItems: 8, uniqueItems: true },
    level,
    access,
    authors: { type: 'array', items: title, minItems: 1 },
    image: path,
    embeds: { type: 'string', enum: EMBEDS },
    modules: {
      type: 'array',
      minItems: 1,
      items: {
        type: 'object',
        properties: { id: slug, title, lessons: { type: 'array', items: slug, minItems: 1 } },
        required: ['id', 'title', 'lessons'],
        additionalProperties: false,
      },
    },
  },
  required: ['id', 'title', 'summary', 'language', 'topics', 'level', 'access', 'authors', 'modules'],
  additionalProperties: false,
} as const;

export type CourseFile = Static<typeof courseFile>;

const captions = {
  type: 'array',
  items: {
    type: 'object',
    properties: { language, label: title, file: path },
    required: ['language', 'label', 'file'],
    additionalProperties: false,
  },
} as const;

const lessonProperties = { title, preview: { type: 'boolean', default: false } } as const;

const recordingProperties = {
  media: path,
  stream: path,
  durationSeconds: { type: 'number', exclusiveMinimum: 0 },
  transcript: path,
  chapters: path,
  captions,
} as const;

export const articleFrontMatter = {
  type: 'object',
  properties: {
    ...lessonProperties,
    kind: { type: 'string', const: 'article' },
    // Declared, so that the error says that articles do not have them rather than that they are unknown.
    media: false,
    stream: false,
    durationSeconds: false,
    transcript: false,
    chapters: false,
    captions: false,
  },
  required: ['title', 'kind', 'preview'],
  additionalProperties: false,
} as const;

export const recordingFrontMatter = {
  type: 'object',
  properties: { ...lessonProperties, ...recordingProperties, kind: { type: 'string', enum: ['audio', 'video'] } },
  required: ['title', 'kind', 'preview', 'media'],
  additionalProperties: false,
} as const;

/** For a lesson whose kind is missing or invalid: what can be checked anyway. */
export const frontMatterWithoutKind = {
  type: 'object',
  properties: { ...lessonProperties, ...recordingProperties, kind: lessonKind },
  required: ['title', 'kind', 'preview'],
  additionalProperties: false,
} as const;

export type ArticleFrontMatter = Static<typeof articleFrontMatter>;
export type RecordingFrontMatter = Static<typeof recordingFrontMatter>;
