/* The members of the API's answers that downloads use. The others are passed on. */

export interface OfflineCourse {
  readonly id: string;
  readonly title: string;
  readonly image: string | null;
  readonly revision: number;
  readonly updatedAt: string;
  readonly modules: readonly {
    readonly id: string;
    readonly title: string;
    readonly lessons: readonly LessonOutline[];
  }[];
  readonly [member: string]: unknown;
}

export interface LessonOutline {
  readonly id: string;
  readonly title: string;
  readonly kind: 'article' | 'audio' | 'video';
  readonly sizeBytes: number;
  readonly contentHash: string;
  readonly [member: string]: unknown;
}

export interface LessonText extends LessonOutline {
  readonly markdown: string;
  readonly html: string;
  readonly transcript: string | null;
  readonly captions: readonly { readonly language: string; readonly label: string; readonly url: string }[];
}

/** A lesson, whose addresses of files are local. */
export interface OfflineLesson extends LessonText {
  readonly previous: LessonReference | null;
  readonly next: LessonReference | null;
  /** The recording. Null for an article, and for a recording that has no file, only a stream. */
  readonly media: { readonly url: string; readonly contentType: string; readonly sizeBytes: number } | null;
  readonly chapters: { readonly url: string; readonly contentType: string } | null;
}

type LessonReference = Readonly<Record<'id' | 'title', string>>;

/** The members of a grant, as POST /courses/{courseId}/media-urls answers it. */
export interface DownloadGrant {
  readonly url: string;
  readonly chapters: OfflineLesson['chapters'];
  readonly download?: Recording & { readonly url: string };
}

export interface Recording {
  readonly contentType: string;
  readonly sizeBytes: number;
  readonly sha256: string;
}

/**
 * A course or a lesson as a file: the answer of the API, and the files that belong to it. Its name contains what it is made
 * of, so it never changes.
 */
export interface StoredDocument<Content> {
  readonly content: Content;
  readonly chapters: OfflineLesson['chapters'];
  readonly recording: (Recording & { readonly name: string }) | null;
  /** Images, captions and chapters. */
  readonly files: readonly { readonly url: string; readonly sizeBytes: number }[];
}

export type StoredLesson = StoredDocument<LessonText>;

export function lessonsOf(course: OfflineCourse): readonly LessonOutline[] {
  return course.modules.flatMap(({ lessons }) => lessons);
}

/** The first part of a file's SHA-256, by which the media store names it. */
const HASH_IN_NAME = 32;

/** Returns the name of a lesson's document. */
export function lessonName({ id, contentHash }: LessonOutline): string {
  return `${id}.${contentHash.slice(0, HASH_IN_NAME)}.json`;
}

/** Returns the name of a course's document. The date too, because a restored backup may count revisions again. */
export function courseName({ revision, updatedAt }: OfflineCourse): string {
  return `course.${revision}-${Date.parse(updatedAt)}.json`;
}

/** Returns the name of a file in the media store, which is made of its hash. */
export function nameIn(url: string): string {
  return /[^/?]*(?=\?|$)/.exec(url)?.[0] ?? '';
}

/**
 * Finds the addresses of a course's images, captions and chapters in any text.
 * @param example an address in the same media store; empty if unknown
 */
export function filesIn(text: string, courseId: string, example: string): readonly string[] {
  const base = example.split(/\/(?:courses|media)\//)[0] ?? '';
  const addresses = new RegExp(`https?://[^\\s"'<>()\\\\]+/courses/${courseId}/[0-9a-f]{${HASH_IN_NAME}}\\.\\w+`, 'g');
  return [...new Set(text.match(addresses))].filter((address) => address.startsWith(base));
}
