import type { Db } from 'mongodb';
import { COLLECTIONS, collection } from '../shared/db/collections.ts';
import { type ParsedCourse, readCourseFolder } from './course/course-folder.ts';
import { mapConcurrent } from './files/map-concurrent.ts';
import { assertStorable, type Publication, publishEdition } from './publish/publish.ts';
import { type Edition, editionOf } from './publish/revision.ts';
import { type MeasurementCache, UNCACHED } from './recording/measurement-cache.ts';
import { InvalidCourses, type Issue, sortIssues } from './reporting/issue.ts';
import { type Progress, SILENT } from './reporting/progress.ts';
import type { MediaStore } from './store/media-store.ts';
import { addStreams } from './stream/add-streams.ts';
import type { StreamCache } from './stream/stream-cache.ts';

export interface CheckDeps {
  /** Measurements of recordings from earlier imports. */
  readonly measurements?: MeasurementCache;
  readonly progress?: Progress;
  /** Gets the warnings, by file and from top to bottom, before any error is thrown. */
  readonly warn?: (warnings: readonly Issue[]) => void;
  /** Makes errors of warnings. */
  readonly strict?: boolean;
}

export interface ImportDeps extends CheckDeps {
  /** A migrated database of a replica set. */
  readonly db: Db;
  /** Stores the files for the CDN. */
  readonly store: MediaStore;
  /** Makes streams of recordings that have only a file. Without it, they get none. */
  readonly streams?: StreamCache | undefined;
  readonly now?: () => Date;
}

/** Enough to keep both a disk and a connection to S3 busy with small files. */
const FILES_AT_ONCE = 4;

export interface ImportResult extends Publication {
  readonly folder: string;
  readonly courseId: string;
  readonly lessonCount: number;
  /** Lessons that had a stream in the previous revision and have none now. */
  readonly streamsLost: number;
}

interface CheckedCourse extends ParsedCourse {
  readonly edition: Edition;
}

/**
 * Publishes the courses in these folders in order, after validating all of them.
 * @throws InvalidCourses with every error in any of them; nothing was written.
 */
export async function importCourses(folders: readonly string[], deps: ImportDeps): Promise<ImportResult[]> {
  const { db, store, streams, progress = SILENT, now } = deps;
  const courses: CheckedCourse[] = [];
  for (const course of await checkCourses(folders, deps)) {
    courses.push(
      streams === undefined ? course : withEdition({ ...course, ...(await addStreams(course, streams, progress)) }),
    );
  }

  const results: ImportResult[] = [];
  for (const { folder, assets, edition } of courses) {
    const { id: courseId, lessonCount } = edition.course;
    const files = assets.flatMap((asset) => asset.files);
    const bytes = files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
    const stage = progress.stage(`storing ${courseId}`, bytes, 'bytes');
    try {
      await mapConcurrent(FILES_AT_ONCE, files, (file) => store.put(file, stage.advance));
    } finally {
      stage.end();
    }
    // Last, so that readers never get a reference to a file that is not stored yet.
    const before = await findStreamed(db, courseId);
    const publication = await publishEdition(db, edition, now && { now });
    const unstreamed = edition.lessons.filter(({ recording }) => recording?.stream === null);
    const streamsLost = unstreamed.filter(({ lesson }) => before.has(lesson.id)).length;
    results.push({ folder, courseId, lessonCount, streamsLost, ...publication });
  }
  return results;
}

/**
 * Reads courses and finds every error. Writes nothing.
 * @throws InvalidCourses; Problem `payload-too-large` for a course that MongoDB cannot store.
 */
export async function checkCourses(folders: readonly string[], deps: CheckDeps = {}): Promise<CheckedCourse[]> {
  const { measurements = UNCACHED, progress = SILENT, warn, strict = false } = deps;
  const issues: Issue[] = [];
  const courses: ParsedCourse[] = [];
  const folderOf = new Map<unknown, string>();

  for (const folder of folders) {
    const { id, course, ...reading } = await readCourseFolder(folder, { measurements, progress });
    issues.push(...reading.issues);
    const other = folderOf.get(id);
    if (id !== undefined && other !== undefined) issues.push(reading.issueAtId(`${other} already has this id`));
    folderOf.set(id, folder);
    if (course !== undefined) courses.push(course);
  }
  const sorted = sortIssues(issues);
  const errors = sorted.filter(({ severity }) => strict || severity === 'error');
  if (!strict) warn?.(sorted.filter(({ severity }) => severity === 'warning'));
  if (errors.length > 0) throw new InvalidCourses(errors);

  return courses.map(withEdition);
}

/** Finds the ids of the lessons that readers have as a stream. */
async function findStreamed(db: Db, courseId: string): Promise<ReadonlySet<string>> {
  const lessons = await collection(db, COLLECTIONS.lessons)
    .find<{ lesson: { id: string } }>(
      { courseId, 'recording.stream': { $ne: null } },
      { projection: { 'lesson.id': 1 } },
    )
    .toArray();
  return new Set(lessons.map(({ lesson }) => lesson.id));
}

function withEdition(course: ParsedCourse): CheckedCourse {
  const edition = editionOf(course.source);
  assertStorable(edition);
  return { ...course, edition };
}
