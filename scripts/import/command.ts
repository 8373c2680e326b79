import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { MongoClient } from 'mongodb';
import { CLIENT_OPTIONS } from '../../shared/db/client.ts';
import { migrate } from '../../shared/db/migrate.ts';
import { isDatabaseUnavailable } from '../../shared/db/unavailable.ts';
import { Problem } from '../../shared/http/problem.ts';
import { usageFault } from '../usage-fault.ts';
import { databaseUri, NoDatabase } from './database-uri.ts';
import { faultLine, InvalidCourses } from './fault.ts';
import { checkCourses, type ImportResult, importCourses } from './import-courses.ts';
import { measurementsIn } from './measurements.ts';
import { StoreFault } from './media-store.ts';
import { openStore, type StoreTarget } from './open-store.ts';
import { PROGRESS_BAR } from './progress-bar.ts';

const USAGE = `Publishes courses from folders of Markdown and media.

  npm run import-course -- <folder> [<folder>…] [--media-dir DIR | --bucket NAME [--region REGION]] [--check]

  --media-dir DIR  where images, captions, audio and video are copied to (MEDIA_DIR, else .data/media)
  --bucket NAME    the S3 bucket that they are uploaded to instead (MEDIA_BUCKET)
  --region REGION  where the bucket is (else as AWS's own tools have it)
  --check          only say what is wrong with the courses
  --help           this text

All folders are checked first, and nothing is written when anything is wrong. Files that are there already are not
stored again, and an upload that was interrupted goes on where it ended.
The database is the one of MONGODB_URI, or else of the \`npm start\` that is running.
`;

const EXIT_INVALID = 1;
const EXIT_USAGE = 2;

const ROOT = join(import.meta.dirname, '..', '..');
/** npm runs a script in the folder of the project, but paths are meant from where npm was called. */
const CALLED_FROM = process.env['INIT_CWD'] ?? process.cwd();

const DATA_DIR = join(ROOT, '.data');

interface Arguments {
  readonly folders: readonly string[];
  readonly target: StoreTarget;
  readonly check: boolean;
  readonly help: boolean;
}

interface StoreValues {
  readonly 'media-dir'?: string | undefined;
  readonly bucket?: string | undefined;
  readonly region?: string | undefined;
}

/** Runs `npm run import-course` with these arguments and answers its exit code. */
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
    for (const line of given.check ? await checkOnly(given) : await importAll(given)) console.log(line);
    return 0;
  } catch (error) {
    for (const line of explained(error)) console.error(line);
    return EXIT_INVALID;
  }
}

/** What both checking and importing take. */
const CHECK_DEPS = { measurements: measurementsIn(join(ROOT, '.cache/measurements')), progress: PROGRESS_BAR };

async function checkOnly({ folders }: Arguments): Promise<string[]> {
  const courses = await checkCourses(folders, CHECK_DEPS);
  return courses.map(({ edition: { course } }) => `${course.id}: no errors (${lessonsIn(course.lessonCount)})`);
}

async function importAll({ folders, target }: Arguments): Promise<string[]> {
  const client = new MongoClient(await databaseUri(DATA_DIR), {
    ...CLIENT_OPTIONS,
    appName: 'lectern-import-course',
  });
  try {
    await migrate(client.db());
    const results = await importCourses(folders, { db: client.db(), store: await openStore(target), ...CHECK_DEPS });
    return results.map(resultLine);
  } finally {
    await client.close();
  }
}

function resultLine({ courseId, status, revision, lessonCount }: ImportResult): string {
  return status === 'unchanged'
    ? `${courseId}: unchanged (revision ${revision})`
    : `${courseId}: revision ${revision} published (${lessonsIn(lessonCount)})`;
}

function lessonsIn(count: number): string {
  return count === 1 ? '1 lesson' : `${count} lessons`;
}

/** What to tell an author; what nobody foresaw is thrown again, with its stack. */
function explained(error: unknown): string[] {
  if (error instanceof InvalidCourses) {
    const lines = error.faults.map((fault) => faultLine(fault, CALLED_FROM));
    return [...lines, `${error.message}: nothing was written.`];
  }
  if (error instanceof NoDatabase || error instanceof StoreFault || error instanceof Problem) return [error.message];
  if (isDatabaseUnavailable(error))
    return ['The database cannot be reached: is the one that MONGODB_URI names running?'];
  throw error;
}

/** Where files go; what is said on the command line goes before what the environment says. */
function storeTarget(given: StoreValues): StoreTarget | string {
  if (given['media-dir'] !== undefined && given.bucket !== undefined) return 'Files go to --media-dir or --bucket.';
  const bucket =
    given.bucket ?? (given['media-dir'] === undefined ? process.env['MEDIA_BUCKET'] || undefined : undefined);
  if (bucket === '') return 'Name the bucket: --bucket NAME.';
  if (bucket !== undefined) return { bucket, region: given.region };
  if (given.region !== undefined) return '--region is that of a --bucket.';
  const folder = given['media-dir'] ?? (process.env['MEDIA_DIR'] || join(DATA_DIR, 'media'));
  return { folder: resolve(CALLED_FROM, folder) };
}

/** The arguments, or what is wrong with them. */
function parseArguments(args: readonly string[]): Arguments | string {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        'media-dir': { type: 'string' },
        bucket: { type: 'string' },
        region: { type: 'string' },
        check: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
    if (positionals.length === 0 && !values.help) return 'Name at least one folder.';
    const target = storeTarget(values);
    if (typeof target === 'string') return target;
    return {
      folders: positionals.map((folder) => resolve(CALLED_FROM, folder)),
      target,
      check: values.check,
      help: values.help,
    };
  } catch (error) {
    return usageFault(error);
  }
}
