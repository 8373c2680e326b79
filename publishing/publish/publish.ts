import { BSON, type ClientSession, type Db } from 'mongodb';
import { COLLECTIONS, type CourseDocument, collection } from '../../shared/db/collections.ts';
import { problem } from '../../shared/http/problem.ts';
import type { CourseSource } from '../course/course-source.ts';
import { liftCourse, PUBLISHED_VERSION } from '../migration/lift-course.ts';
import { TRANSACTION } from '../migration/transaction.ts';
import { earlierAccessUpdate } from './earlier-access.ts';
import { longestRecordings } from './longest-recordings.ts';
import { type Edition, editionOf, revisionDocuments } from './revision.ts';

/** Result of a publish. `unchanged` means that this content is already live. */
export interface Publication {
  readonly status: 'published' | 'unchanged';
  /** The live revision. */
  readonly revision: number;
}

interface PublishOptions {
  readonly now?: () => Date;
}

/** The largest document that MongoDB stores (MongoDB manual, "MongoDB Limits and Thresholds"). */
const MAX_DOCUMENT_BYTES = 16 * 1024 * 1024;

/**
 * Publishes a course. Readers get the old revision until the new one is complete. Concurrent publications succeed one
 * after the other.
 * @throws Problem `payload-too-large` if the course does not fit into MongoDB; then nothing is written.
 */
export function publishCourse(db: Db, source: CourseSource, options: PublishOptions = {}): Promise<Publication> {
  return publishEdition(db, editionOf(source), options);
}

/** Publishes an edition, as {@link publishCourse} does for a course. */
export async function publishEdition(
  db: Db,
  edition: Edition,
  { now = () => new Date() }: PublishOptions = {},
): Promise<Publication> {
  assertStorable(edition);
  // The transaction starts again after a conflict with another publisher, and then reads what that one wrote.
  return db.client.withSession((session) =>
    session.withTransaction(() => writeRevision(db, session, edition, now()), TRANSACTION),
  );
}

/**
 * @throws Problem `payload-too-large` if MongoDB cannot store a document of the course. The revision, which has the
 * Markdown of every lesson, is the largest.
 */
export function assertStorable(edition: Edition): void {
  const { id } = edition.course;
  const epoch = new Date(0);
  const { published, catalog, lessonDates, lessons, revision } = revisionDocuments(edition, {
    revision: Number.MAX_SAFE_INTEGER,
    firstPublishedAt: epoch,
    lessonDates: new Map(),
    now: epoch,
  });
  const documents: readonly (readonly [string, BSON.Document])[] = [
    [`course ${id} with all its lessons`, revision],
    [`outline of the course ${id}`, { published, catalog, lessonDates: Object.fromEntries(lessonDates) }],
    ...lessons.map((lesson) => [`lesson ${lesson._id}`, lesson] as const),
  ];
  for (const [what, document] of documents) {
    const bytes = BSON.calculateObjectSize(document);
    if (bytes > MAX_DOCUMENT_BYTES) {
      const mebibytes = (bytes / 1024 / 1024).toFixed(1);
      throw problem('payload-too-large', {
        detail: `The ${what} takes ${mebibytes} MiB, but the database stores at most 16 MiB per document: split the course.`,
      });
    }
  }
}

async function writeRevision(db: Db, session: ClientSession, edition: Edition, now: Date): Promise<Publication> {
  const courseId = edition.course.id;
  const courses = collection(db, COLLECTIONS.courses);
  await liftCourse(db, session, courseId);
  const before = await courses.findOne(
    { _id: courseId },
    {
      session,
      projection: {
        ...{
          access: 1,
          contentHash: 1,
          lastRevision: 1,
          everPublishedLessonIds: 1,
          lessonDates: 1,
          longestRecordings: 1,
        },
        ...{ 'published.modules.lessons': 1, 'withdrawn.modules.lessons': 1 },
      },
    },
  );
  if (before?.published && before.contentHash === edition.contentHash) {
    return { status: 'unchanged', revision: before.lastRevision };
  }

  const number = (before?.lastRevision ?? 0) + 1;
  const firstPublishedAt = (await findFirstPublication(db, session, courseId)) ?? now;
  const { published, catalog, lessonDates, lessons, revision } = revisionDocuments(edition, {
    revision: number,
    firstPublishedAt,
    lessonDates: new Map(Object.entries(before?.lessonDates ?? {})),
    now,
  });
  const everPublished = new Set([...(before?.everPublishedLessonIds ?? []), ...lessons.map(({ lesson }) => lesson.id)]);
  const change: Partial<CourseDocument> = {
    access: published.access,
    published,
    contentHash: edition.contentHash,
    lastRevision: number,
    everPublishedLessonIds: [...everPublished],
    lessonDates: Object.fromEntries(lessonDates),
    longestRecordings: longestRecordings(before?.longestRecordings, [before?.published, before?.withdrawn, published]),
    catalog,
    version: PUBLISHED_VERSION,
  };

  // The course first, because concurrent publishers conflict on it: then the later one has not written all lessons in
  // vain.
  const update = {
    $set: change,
    $unset: { withdrawn: true },
    ...earlierAccessUpdate(before, published.access, now),
  } as const;
  await courses.updateOne({ _id: courseId }, update, { upsert: true, session });
  await collection(db, COLLECTIONS.revisions).insertOne(revision, { session });
  await collection(db, COLLECTIONS.lessons).bulkWrite(
    [{ deleteMany: { filter: { courseId } } }, ...lessons.map((document) => ({ insertOne: { document } }))],
    { session },
  );
  return { status: 'published', revision: number };
}

/** Read from the revisions, so it survives unpublishing. */
async function findFirstPublication(db: Db, session: ClientSession, courseId: string): Promise<Date | undefined> {
  const first = await collection(db, COLLECTIONS.revisions).findOne(
    { courseId },
    { session, sort: { revision: 1 }, projection: { publishedAt: 1 } },
  );
  return first?.publishedAt;
}
