import { join } from 'node:path';
import { type Db, MongoClient } from 'mongodb';
import { type CheckDeps, checkCourses, type ImportResult, importCourses } from '../../publishing/import-courses.ts';
import { migrateDatabase } from '../../publishing/migration/migrate-database.ts';
import { withdrawCourse } from '../../publishing/publish/withdraw.ts';
import { measurementCache } from '../../publishing/recording/measurement-cache.ts';
import { InvalidCourses, issueLine } from '../../publishing/reporting/issue.ts';
import { StoreError } from '../../publishing/store/media-store.ts';
import { nameOf, openStore, type StoreTarget } from '../../publishing/store/open-store.ts';
import { PackagingError } from '../../publishing/stream/ffmpeg.ts';
import { openStreamCache, type StreamCache } from '../../publishing/stream/stream-cache.ts';
import { CLIENT_OPTIONS } from '../../shared/db/client.ts';
import { isDatabaseUnavailable } from '../../shared/db/unavailable.ts';
import { Problem } from '../../shared/http/problem.ts';
import { messageOf } from '../platform/errors.ts';
import { databaseUri, NoDatabase, withoutPassword } from '../platform/mongo-uri.ts';
import { findProgram } from '../platform/programs.ts';
import { type Arguments, CALLED_FROM, DATA_DIR, parseArguments, ROOT, USAGE } from './arguments.ts';
import { PROGRESS_BAR } from './progress-bar.ts';

const EXIT_INVALID = 1;
const EXIT_USAGE = 2;

/** Runs `npm run import-course` with these arguments and returns its exit code. */
export async function runImportCourse(args: readonly string[]): Promise<number> {
  const given = parseArguments(args);
  if (typeof given === 'string') {
    console.error(`${given}\n\n${USAGE}`);
    return EXIT_USAGE;
  }
  if (given.help) {
    console.log(USAGE);
    return 0;
  }
  try {
    for (const line of await linesOf(given)) console.log(line);
    return 0;
  } catch (error) {
    for (const line of explained(error)) console.error(line);
    return EXIT_INVALID;
  }
}

function linesOf(given: Arguments): Promise<string[]> {
  if (given.withdraw !== null) return withdraw(given.target, given.withdraw);
  return given.check ? checkOnly(given) : importAll(given);
}

/** What both checking and importing need. */
function checkDeps({ strict }: Arguments): CheckDeps {
  return {
    ...{ measurements: measurementCache(join(ROOT, '.cache/measurements')), progress: PROGRESS_BAR, strict },
    warn: (warnings) => {
      for (const issue of warnings) console.error(issueLine(issue, CALLED_FROM));
      if (warnings.length > 0) console.error(`${counted(warnings.length, 'warning')}: --strict makes errors of them.`);
    },
  };
}

async function checkOnly(given: Arguments): Promise<string[]> {
  const courses = await checkCourses(given.folders, checkDeps(given));
  return courses.map(({ edition: { course } }) => `${course.id}: no errors (${lessonsIn(course.lessonCount)})`);
}

/** Returns the source of streams, if requested. */
async function streamsFor({ hls }: Arguments): Promise<StreamCache | undefined> {
  if (!hls) return undefined;
  const ffmpeg = findProgram('ffmpeg');
  if (ffmpeg !== null) return openStreamCache(join(ROOT, '.cache/streams'), ffmpeg);
  throw new PackagingError(
    '--hls needs ffmpeg, which is not on the PATH: install it (apt-get install ffmpeg, brew install ffmpeg).',
  );
}

async function importAll(given: Arguments): Promise<string[]> {
  const { folders, target } = given;
  const streams = await streamsFor(given);
  return withDatabase(target, async (db, name) => {
    await migrateDatabase(db);
    const store = await openStore(target);
    const results = await importCourses(folders, { db, store, streams, ...checkDeps(given) });
    return [`Published to ${name}, files in ${nameOf(target)}.`, ...results.flatMap(resultLines)];
  });
}

function withdraw(target: StoreTarget, courseId: string): Promise<string[]> {
  return withDatabase(target, async (db, name) => [
    (await withdrawCourse(db, courseId)) === 'withdrawn'
      ? `${courseId}: withdrawn from ${name}`
      : `${courseId}: unchanged (not published)`,
  ]);
}

/** Runs the work on the database that readers use, which has this name. */
async function withDatabase<T>(target: StoreTarget, work: (db: Db, name: string) => Promise<T>): Promise<T> {
  // Readers of the bucket are elsewhere: a course that only this machine's database knows would be useless to them.
  const uri = await databaseUri('bucket' in target ? null : DATA_DIR);
  const client = new MongoClient(uri, {
    ...CLIENT_OPTIONS,
    appName: 'lectern-import-course',
  });
  try {
    return await work(client.db(), withoutPassword(uri));
  } finally {
    await client.close();
  }
}

function resultLines({ courseId, status, revision, lessonCount, streamsLost }: ImportResult): string[] {
  if (status === 'unchanged') return [`${courseId}: unchanged (revision ${revision})`];
  const published = `${courseId}: revision ${revision} published (${lessonsIn(lessonCount)})`;
  return streamsLost === 0
    ? [published]
    : [
        published,
        `${courseId}: ${lessonsIn(streamsLost)} lost the stream of the previous revision: use --hls to make streams.`,
      ];
}

function lessonsIn(count: number): string {
  return counted(count, 'lesson');
}

function counted(count: number, what: string): string {
  return count === 1 ? `1 ${what}` : `${count} ${what}s`;
}

/** Errors whose message is all that an author needs. */
const FOR_AUTHORS = [NoDatabase, StoreError, PackagingError, Problem];

/** Explains an error to an author. An unexpected one is thrown again, with its stack. */
function explained(error: unknown): string[] {
  if (error instanceof InvalidCourses) {
    const lines = error.issues.map((issue) => issueLine(issue, CALLED_FROM));
    return [...lines, `${error.message}: nothing was written.`];
  }
  if (FOR_AUTHORS.some((kind) => error instanceof kind)) return [messageOf(error)];
  if (isDatabaseUnavailable(error))
    return ['The database cannot be reached: check that the one at MONGODB_URI is running.'];
  throw error;
}
