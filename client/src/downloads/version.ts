import {
  lessonName,
  lessonsOf,
  nameIn,
  type OfflineCourse,
  type StoredDocument,
  type StoredLesson,
} from './course-content.ts';

/** A file of a course that is not a document. */
export interface NeededFile {
  readonly sizeBytes: number;
  /** SHA-256 in hex, or its beginning. */
  readonly hash: string;
  /** Null for a recording, whose links expire. */
  readonly url: string | null;
  /** The lesson that it belongs to. Undefined for files of the course. */
  readonly lessonId: string | undefined;
}

/** One version of a course, by the names of its documents and files. */
export interface Version {
  readonly name: string;
  readonly course: StoredDocument<OfflineCourse>;
  /** By id, in the order of the course. */
  readonly lessons: ReadonlyMap<string, StoredLesson>;
  readonly files: ReadonlyMap<string, NeededFile>;
  /** Sizes of documents and files, in bytes. */
  readonly sizes: ReadonlyMap<string, number>;
}

/** Reads a version. Null if one of its documents is missing or damaged. */
export async function readVersion(
  name: string,
  read: (name: string) => Promise<string | null>,
): Promise<Version | null> {
  const lessons = new Map<string, StoredLesson>();
  const needed = new Map<string, NeededFile>();
  const sizes = new Map<string, number>();

  async function add<Content>(documentName: string, lessonId?: string): Promise<StoredDocument<Content> | null> {
    const text = await read(documentName);
    const document = parse<StoredDocument<Content>>(text);
    if (text === null || document === null) return null;
    const { files, recording } = document;
    for (const { url, sizeBytes } of files) {
      needed.set(nameIn(url), { sizeBytes, hash: nameIn(url).split('.')[0] ?? '', url, lessonId });
    }
    if (recording) {
      needed.set(recording.name, { sizeBytes: recording.sizeBytes, hash: recording.sha256, url: null, lessonId });
    }
    sizes.set(documentName, new TextEncoder().encode(text).length);
    return document;
  }

  const course = await add<OfflineCourse>(name);
  if (course === null) return null;
  for (const lesson of lessonsOf(course.content)) {
    const document: StoredLesson | null = await add(lessonName(lesson), lesson.id);
    if (document === null) return null;
    lessons.set(lesson.id, document);
  }
  for (const [fileName, { sizeBytes }] of needed) sizes.set(fileName, sizeBytes);
  return { name, course, lessons, files: needed, sizes };
}

/** Reads a text that the client has stored. Null if it is missing, or damaged by a crash. */
export function parse<Stored>(text: string | null): Stored | null {
  try {
    return JSON.parse(text ?? 'null');
  } catch {
    return null;
  }
}
