import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { type Db, MongoClient } from 'mongodb';
import { listProgress } from '../../functions/progress/changes/changes.ts';
import { listCoursesToContinue } from '../../functions/progress/continue/continue.ts';
import { joinCourse } from '../../functions/progress/events/join-and-leave.ts';
import { recordLessonEvent } from '../../functions/progress/events/lesson-event.ts';
import { syncProgress } from '../../functions/progress/events/sync.ts';
import { startMongo } from '../../local/mongo/server.ts';
import { closeDatabase } from '../../shared/db/client.ts';
import { COLLECTIONS, type CourseDocument, collection } from '../../shared/db/collections.ts';
import { migrate } from '../../shared/db/migrate.ts';
import type { Principal } from '../../shared/http/handler.ts';
import { withDatabase } from '../../tools/platform/mongo-uri.ts';
import { FUNCTION_SETTINGS } from '../catalog/open-catalog.ts';
import { BENCH_BUILD } from '../measuring/folders.ts';
import { type Machine, thisMachine } from '../measuring/machine.ts';
import { measureService, type ServiceFigures } from '../measuring/service.ts';
import { fillProgress } from './fill.ts';

/** All kinds, by one learner, with so many documents in the collection. */
export interface ProgressSeries {
  readonly documents: number;
  /** That the learner has joined. */
  readonly courses: number;
  readonly figures: readonly ServiceFigures[];
}

export interface ProgressResult {
  readonly machine: Machine;
  readonly server: string;
  readonly series: readonly ProgressSeries[];
}

export interface ProgressEffort {
  readonly documents: readonly number[];
  readonly rounds: number;
}

const COURSES = 1000;
const LESSONS = 20;

/** A learner who has just begun, and one who has joined everything there is. */
const LEARNERS = [
  { userId: '0'.repeat(23).concat('1'), courses: 50 },
  { userId: '0'.repeat(23).concat('2'), courses: COURSES },
] as const;

/** Asks the real services with ever more documents in the collection, in a database of its own. */
export async function measureProgress(
  { documents, rounds }: ProgressEffort,
  report: (line: string) => void,
): Promise<ProgressResult> {
  const { MONGODB_URI: _, ...env } = process.env;
  const dataDir = path.join(BENCH_BUILD, 'progress');
  await rm(dataDir, { recursive: true, force: true });
  const mongo = await startMongo({ env, dataDir, cacheSizeGB: 1, report });
  const uri = withDatabase(mongo.uri, 'bench');
  const client = new MongoClient(uri, { runtimeAdapters: { os } });
  Object.assign(process.env, FUNCTION_SETTINGS, {
    MONGODB_URI: `${uri}${uri.includes('?') ? '&' : '?'}monitorCommands=true`,
    POWERTOOLS_LOG_LEVEL: 'SILENT',
  });
  try {
    await prepare(client.db());
    const series: ProgressSeries[] = [];
    for (const count of documents) {
      await fillProgress(client.db(), count, report);
      for (const { userId, courses } of LEARNERS) {
        report(`progress, ${count} documents, ${courses} courses`);
        series.push({ documents: count, courses, figures: await measureLearner(principalOf(userId), rounds) });
      }
    }
    return { machine: thisMachine(process.version), server: mongo.source, series };
  } finally {
    await closeDatabase();
    await client.close();
    await mongo.stop();
  }
}

async function prepare(db: Db): Promise<void> {
  await migrate(db);
  await collection(db, COLLECTIONS.courses).insertMany(Array.from({ length: COURSES }, (_, index) => courseOf(index)));
  for (const { userId, courses } of LEARNERS) {
    await db
      .collection<{ _id: string }>('users')
      .insertOne({ _id: userId, ...{ emailKey: userId, tokenEpoch: 0, roles: ['learner'] } });
    await db
      .collection<{ _id: string }>('sessions')
      .insertOne({ _id: userId, ...{ userId, epoch: 0, expiresAt: new Date(Date.now() + 86_400_000) } });
    for (let index = 0; index < courses; index += 1) await joinCourse(principalOf(userId), courseIdOf(index));
  }
}

async function measureLearner(principal: Principal, rounds: number): Promise<ServiceFigures[]> {
  const { cursor } = await endOfFeed(principal);
  return [
    await measureService('one event', rounds, () =>
      recordLessonEvent(principal, { courseId: courseIdOf(0), lessonId: 'lesson-1' }, eventNow()),
    ),
    await measureService('500 events of one course', rounds, () => sync(principal, 1)),
    await measureService('500 events of 50 courses', rounds, () => sync(principal, 50)),
    await measureService('the feed, what changed since', rounds, () =>
      listProgress(principal, { since: cursor, limit: 20 }),
    ),
    await measureService('the feed, its first page', rounds, () => listProgress(principal, { limit: 20 })),
    await measureService('what to continue', rounds, () => listCoursesToContinue(principal, { limit: 20 })),
  ];
}

async function endOfFeed(principal: Principal) {
  let page = await listProgress(principal, { limit: 100 });
  while (page.hasMore) page = await listProgress(principal, { since: page.cursor, limit: 100 });
  return page;
}

function sync(principal: Principal, courses: number) {
  const events = Array.from({ length: 500 }, (_, index) => ({
    valid: true as const,
    value: { ...eventNow(), courseId: courseIdOf(index % courses), lessonId: `lesson-${index % LESSONS}` },
  }));
  return syncProgress(principal, { sentAt: new Date().toISOString(), events });
}

function eventNow() {
  return { eventId: randomUUID(), occurredAt: new Date().toISOString(), position: Math.random() * 100 };
}

function principalOf(userId: string): Principal {
  return { userId, sessionId: userId, roles: ['learner'], epoch: 0 };
}

function courseIdOf(index: number): string {
  return `course-${index}`;
}

/** Of a course, what progress reads. */
function courseOf(index: number): CourseDocument {
  const lessons = Array.from({ length: LESSONS }, (_, lesson) => ({
    id: `lesson-${lesson}`,
    title: `Lesson ${lesson}`,
    kind: 'audio' as const,
    durationSeconds: 600,
  }));
  const published = {
    title: courseIdOf(index),
    image: null,
    revision: 1,
    modules: [{ id: 'all', title: 'All', lessons }],
  };
  return {
    _id: courseIdOf(index),
    access: 'members',
    published: published as unknown as NonNullable<CourseDocument['published']>,
    contentHash: null,
    lastRevision: 1,
    everPublishedLessonIds: lessons.map(({ id }) => id),
    lessonDates: {},
  };
}
