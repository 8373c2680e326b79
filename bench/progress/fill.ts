import type { Db } from 'mongodb';
import { COLLECTIONS, type LessonRegisters, type ProgressDocument } from '../../shared/db/collections.ts';
import { unscopedCollection } from '../../shared/db/unscoped.ts';

/** Courses of each learner who only fills the collection. */
const COURSES_EACH = 10;

const LESSONS_EACH = 5;

const BATCH = 5000;

const START = Date.UTC(2026, 0, 1);

/** Adds documents of many learners until there are as many as wanted; those that are there stay. */
export async function fillProgress(db: Db, wanted: number, report: (line: string) => void): Promise<void> {
  const progress = unscopedCollection(db, COLLECTIONS.progress);
  // The learners who ask have documents of their own, which count too but are not numbered.
  const present = await progress.countDocuments({ courseId: { $regex: /^other-/ } });
  if (present >= wanted) return;
  report(`filling progress, ${present} of ${wanted}`);
  for (let from = present; from < wanted; from += BATCH) {
    const numbers = Array.from({ length: Math.min(BATCH, wanted - from) }, (_, index) => from + index);
    // Nobody waits for these one by one.
    await progress.insertMany(numbers.map(documentOf), { ordered: false, writeConcern: { w: 1 } });
  }
}

function documentOf(number: number): ProgressDocument {
  const learner = Math.floor(number / COURSES_EACH);
  const userId = `f${learner.toString(16).padStart(23, '0')}`;
  const courseId = `other-${number % COURSES_EACH}`;
  const at = new Date(START + number * 1000);
  return {
    _id: `${userId}/${courseId}`,
    userId,
    courseId,
    joinedAt: at,
    leftAt: null,
    updatedAt: at,
    activeAt: at,
    lastEvent: { at, by: '00000000-0000-7000-8000-000000000000', lessonId: 'lesson-0' },
    lessons: Object.fromEntries(
      Array.from({ length: LESSONS_EACH }, (_, lesson) => [`lesson-${lesson}`, registersAt(at)]),
    ),
    completion: null,
    resumable: true,
    recentEvents: [],
  };
}

function registersAt(at: Date): LessonRegisters {
  const by = '00000000-0000-7000-8000-000000000000';
  return { position: { at, by, value: 300 }, furthest: { value: 310, by }, completion: null, firstCompletion: null };
}
