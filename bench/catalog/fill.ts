import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Db } from 'mongodb';
import { PUBLISHED_VERSION } from '../../publishing/migration/lift-course.ts';
import { editionOf, revisionDocuments } from '../../publishing/publish/revision.ts';
import { COLLECTIONS, type CourseDocument, collection, type LessonDocument } from '../../shared/db/collections.ts';
import { migrate } from '../../shared/db/migrate.ts';
import { PROJECT } from '../measuring/folders.ts';
import { generatedCourse } from './generated-course.ts';

/** Courses whose lessons are filled in as well: enough to read previews of. */
const COURSES_WITH_LESSONS = 200;

const BATCH = 1000;

/** Of the first publication; each later course is one minute younger. */
const FIRST_PUBLISHED_AT = Date.UTC(2020, 0, 1);

/** Everything that decides what the documents are. */
const SOURCES = [
  ...['bench/catalog/fill.ts', 'bench/catalog/generated-course.ts', 'bench/catalog/random.ts'],
  ...['bench/catalog/vocabulary.ts', 'shared/catalog/keys.ts', 'shared/catalog/terms.ts'],
  ...['publishing/course/lesson-dates.ts', 'publishing/publish/revision.ts'],
] as const;

/**
 * Fills a database with published courses, by the functions that publishing uses. Without its transactions, and with
 * the indexes made afterwards, which is many times faster. A database filled before by the same code is left as it is.
 */
export async function fillCatalog(db: Db, count: number, report: (line: string) => void): Promise<void> {
  const filled = db.collection<{ _id: string; fingerprint: string }>('benchFill');
  const fingerprint = await fingerprintOf(count);
  if ((await filled.findOne({ _id: 'catalog' }))?.fingerprint === fingerprint) {
    report(`catalog: ${count} courses are there from an earlier run`);
    return;
  }

  await db.dropDatabase();
  for (let first = 0; first < count; first += BATCH) {
    await fillBatch(db, first, Math.min(first + BATCH, count));
    if ((first / BATCH) % 20 === 0) report(`catalog: ${first} of ${count} courses`);
  }
  report('catalog: indexes');
  await migrate(db);
  await filled.insertOne({ _id: 'catalog', fingerprint });
}

async function fillBatch(db: Db, first: number, end: number): Promise<void> {
  const courses: CourseDocument[] = [];
  const lessons: LessonDocument[] = [];
  for (let number = first; number < end; number += 1) {
    const documents = documentsOf(number);
    courses.push(documents.course);
    if (number < COURSES_WITH_LESSONS) lessons.push(...documents.lessons);
  }
  await collection(db, COLLECTIONS.courses).insertMany(courses, { ordered: false });
  if (lessons.length > 0) await collection(db, COLLECTIONS.lessons).insertMany(lessons, { ordered: false });
}

function documentsOf(number: number): { readonly course: CourseDocument; readonly lessons: readonly LessonDocument[] } {
  const edition = editionOf(generatedCourse(number));
  const date = new Date(FIRST_PUBLISHED_AT + number * 60_000);
  const { published, catalog, lessonDates, lessons } = revisionDocuments(edition, {
    revision: 1,
    firstPublishedAt: date,
    lessonDates: new Map(),
    now: date,
  });
  return {
    course: {
      _id: published.id,
      access: published.access,
      published,
      contentHash: edition.contentHash,
      lastRevision: 1,
      everPublishedLessonIds: lessons.map(({ lesson }) => lesson.id),
      lessonDates: Object.fromEntries(lessonDates),
      catalog,
      version: PUBLISHED_VERSION,
    },
    lessons,
  };
}

async function fingerprintOf(count: number): Promise<string> {
  // The collections that are filled, and no others: those of accounts may change without another catalog.
  const { courses, lessons } = COLLECTIONS;
  const hash = createHash('sha256').update(JSON.stringify({ count, courses, lessons }));
  for (const source of SOURCES) hash.update(await readFile(path.join(PROJECT, source)));
  return hash.digest('hex');
}
