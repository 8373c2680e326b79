import { catalogKeys } from '../../shared/catalog/keys.ts';
import { fold, searchTerms } from '../../shared/catalog/terms.ts';
import type { CourseDocument, LessonDocument, Recording, RevisionDocument } from '../../shared/db/collections.ts';
import { lessonKind } from '../../shared/schemas/course.ts';
import type { CourseSource, LessonSource } from '../course/course-source.ts';
import { dateLessons, type LessonDates } from '../course/lesson-dates.ts';
import { PUBLISHED_VERSION } from '../migration/lift-course.ts';
import { COURSE_MEMBERS, contentHash } from './content-hash.ts';

type PublishedCourse = NonNullable<CourseDocument['published']>;
type Lesson = LessonDocument['lesson'];

/** What a publication contains, before it has a number and a date. The same source always gives the same edition. */
export interface Edition {
  readonly course: Omit<PublishedCourse, keyof CourseDates>;
  readonly lessons: readonly {
    readonly lesson: Omit<Lesson, 'courseRevision'>;
    readonly recording: LessonDocument['recording'];
  }[];
  /** Changes exactly when something that readers get changes. */
  readonly contentHash: string;
}

type CourseDates = Pick<PublishedCourse, 'revision' | 'publishedAt' | 'updatedAt'>;

/** The number and the dates of a publication. */
export interface PublicationDetails {
  readonly revision: number;
  /** When the course was first published. */
  readonly firstPublishedAt: Date;
  /** The dates of the lessons that have been published before. */
  readonly lessonDates: LessonDates;
  readonly now: Date;
}

/** The documents that a publication writes. */
export interface RevisionDocuments {
  readonly published: PublishedCourse;
  readonly lessonDates: LessonDates;
  readonly catalog: NonNullable<CourseDocument['catalog']>;
  readonly lessons: readonly LessonDocument[];
  readonly revision: RevisionDocument;
}

/** Computes everything about a course that does not depend on when it is published. */
export function editionOf(source: CourseSource): Edition {
  const inOrder = source.modules.flatMap((module) => module.lessons);
  const lessons = inOrder.map((lesson, index) => ({
    lesson: {
      courseId: source.id,
      ...outlineOf(lesson),
      markdown: lesson.text.markdown,
      html: lesson.text.html,
      headings: lesson.text.headings.map((heading) => ({ ...heading })),
      ...(lesson.kind === 'article'
        ? { transcript: null, captions: [] }
        : { transcript: lesson.transcript, captions: lesson.captions.map((track) => ({ ...track })) }),
      previous: neighbour(inOrder[index - 1]),
      next: neighbour(inOrder[index + 1]),
    },
    recording: lesson.kind === 'article' ? null : { ...lesson.recording, notes: lesson.text.excerpt },
  }));
  const { id, title, summary, language, level, access, image } = source;
  const course = {
    ...{ id, title, summary, language, level, access, image },
    topics: [...source.topics],
    authors: [...source.authors],
    formats: lessonKind.enum.filter((kind) => inOrder.some((lesson) => lesson.kind === kind)),
    lessonCount: inOrder.length,
    durationSeconds: inMilliseconds(inOrder.reduce((sum, lesson) => sum + (durationOf(lesson) ?? 0), 0)),
    modules: source.modules.map((module) => ({
      id: module.id,
      title: module.title,
      lessons: module.lessons.map(outlineOf),
    })),
  };
  // The outline includes the hash of every lesson.
  return { course, lessons, contentHash: contentHash(course, COURSE_MEMBERS) };
}

/** Builds the documents of one publication of an edition. */
export function revisionDocuments(
  edition: Edition,
  { revision, firstPublishedAt, lessonDates: knownDates, now }: PublicationDetails,
): RevisionDocuments {
  const published: PublishedCourse = {
    ...edition.course,
    revision,
    publishedAt: firstPublishedAt.toISOString(),
    updatedAt: now.toISOString(),
  };
  const { id, title, summary, topics } = published;
  const outline = edition.lessons.map(({ lesson }) => lesson.id);
  const lessonDates = dateLessons(outline, knownDates, now);
  const lessons = edition.lessons.map(({ lesson, recording }) => ({
    _id: `${id}/${lesson.id}`,
    courseId: id,
    open: published.access === 'public' || lesson.preview,
    lesson: { ...lesson, courseRevision: revision },
    recording,
    firstPublishedAt: lessonDates.get(lesson.id) ?? now,
    version: PUBLISHED_VERSION,
  }));
  return {
    published,
    lessonDates,
    catalog: {
      keys: catalogKeys(published),
      terms: [...new Set([title, summary, ...topics].flatMap(searchTerms))],
      byNewest: `${published.publishedAt}\n${id}`,
      byTitle: `${fold(title)}\n${id}`,
    },
    lessons,
    revision: {
      _id: `${id}@${revision}`,
      courseId: id,
      revision,
      publishedAt: now,
      course: published,
      lessons: lessons.map(({ lesson: { html: _, ...lesson }, recording }) => ({
        ...lesson,
        recording: recording && withoutNotes(recording),
      })),
      version: PUBLISHED_VERSION,
    },
  };
}

function outlineOf(lesson: LessonSource) {
  const { id, title, kind, preview, text } = lesson;
  return {
    ...{ id, title, kind, preview },
    durationSeconds: durationOf(lesson),
    wordCount: text.wordCount,
    sizeBytes: lesson.kind === 'article' ? Buffer.byteLength(text.markdown) : bytesOf(lesson.recording),
    // The hash of the lesson without its place in the course: moving it does not make an offline copy stale.
    contentHash: contentHash(lesson),
  };
}

/** The download size: that of the file, if there is one. */
function bytesOf({ file, stream }: Pick<Recording, 'file' | 'stream'>): number {
  return (file ?? stream)?.sizeBytes ?? 0;
}

function withoutNotes({ notes: _, ...recording }: Recording): Omit<Recording, 'notes'> {
  return recording;
}

function neighbour(lesson: LessonSource | undefined) {
  return lesson === undefined ? null : { id: lesson.id, title: lesson.title };
}

function durationOf(lesson: LessonSource): number | null {
  return lesson.kind === 'article' ? null : lesson.durationSeconds;
}

/** Rounds away the error of adding decimal fractions. */
function inMilliseconds(seconds: number): number {
  return Math.round(seconds * 1000) / 1000;
}
