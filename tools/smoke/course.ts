import { CheckFailed, NotTried, type Passed } from './checks.ts';
import { type Answer, fault, fieldsOf, type HttpClient, listAt, textAt, valueAt } from './http.ts';
import { forged } from './session.ts';
import { isUntouched } from './untouched.ts';

/** A course of the catalog. */
export interface CatalogEntry {
  readonly id: string;
  readonly hasRecording: boolean;
  readonly isRestricted: boolean;
}

/** A lesson that the account may read. */
export interface ReadableLesson {
  readonly courseId: string;
  readonly lessonId: string;
  readonly hasRecording: boolean;
  /** Whether the account has no progress in the course, which the test would erase. */
  readonly isUntouched: boolean;
}

/** Most pages of the catalog that are read. */
const MAX_PAGES = 20;
/** Most courses that are tried, because an account may read none of thousands. */
const MAX_COURSES = 20;

export async function readCatalog(http: HttpClient): Promise<Passed<readonly CatalogEntry[]>> {
  const entries: CatalogEntry[] = [];
  let page = 0;
  for (let query = '?limit=100'; query !== '' && page < MAX_PAGES; page += 1) {
    const answer = await http.api('GET', `/courses${query}`);
    entries.push(...listAt(answer, 'items').map((item) => entryOf(answer, item)));
    const cursor = valueAt(answer, 'nextCursor');
    query = typeof cursor === 'string' ? `?limit=100&cursor=${encodeURIComponent(cursor)}` : '';
  }
  return { value: entries, note: `${entries.length} ${entries.length === 1 ? 'course' : 'courses'}` };
}

/**
 * The stage cache must not give a compressed answer to a client that did not ask for it, which AWS does not document
 * (docs/decisions/0039).
 */
export async function readWithoutCompression(http: HttpClient): Promise<Passed<null>> {
  const ask = (acceptEncoding: string) => http.api('GET', '/courses?limit=100', { acceptEncoding });
  const compressed = await ask('gzip');
  const plain = await ask('identity');
  listAt(compressed, 'items');
  const coding = plain.headers.get('content-encoding') ?? 'identity';
  if (coding !== 'identity') throw fault(plain, `${coding} for a client that accepts only identity`);
  listAt(plain, 'items');
  return { value: null, note: compressed.headers.get('content-encoding') ?? 'not needed, because it is short' };
}

function entryOf(answer: Answer, { id, formats, access }: Readonly<Record<string, unknown>>): CatalogEntry {
  if (typeof id !== 'string' || !Array.isArray(formats)) throw fault(answer, 'an item is not a course');
  return { id, hasRecording: formats.some((kind) => kind !== 'article'), isRestricted: access === 'restricted' };
}

/**
 * Finds a lesson to go on with: best with a recording, and of a course that the account has no progress in. Courses of
 * the sample are not assumed.
 * @throws NotTried if the account may read none
 */
export async function chooseLesson(
  http: HttpClient,
  accessToken: string,
  catalog: readonly CatalogEntry[],
): Promise<Passed<ReadableLesson>> {
  const found: ReadableLesson[] = [];
  const ordered = [...catalog].sort((a, b) => Number(b.hasRecording) - Number(a.hasRecording));
  for (const entry of ordered.slice(0, MAX_COURSES)) {
    const lesson = await readableLesson(http, accessToken, entry);
    if (lesson !== null) found.push(lesson);
    if (lesson !== null && rank(lesson) === rank({ hasRecording: true, isUntouched: true })) break;
  }
  const [best] = found.sort((a, b) => rank(b) - rank(a));
  if (best === undefined) throw new NotTried('the account may read no published course');
  return { value: best, note: `${best.courseId}/${best.lessonId}` };
}

function rank({ hasRecording, isUntouched }: Pick<ReadableLesson, 'hasRecording' | 'isUntouched'>): number {
  return Number(hasRecording) * 2 + Number(isUntouched);
}

/** Null if the account may not read the course. */
async function readableLesson(
  http: HttpClient,
  accessToken: string,
  { id: courseId, isRestricted }: CatalogEntry,
): Promise<ReadableLesson | null> {
  const outline = await http.api('GET', `/courses/${courseId}`);
  const lessons = listAt(outline, 'modules').flatMap(({ lessons: own }) =>
    Array.isArray(own) ? own.map(fieldsOf) : [],
  );
  const { id: lessonId, kind } = lessons.find((lesson) => lesson['kind'] !== 'article') ?? fieldsOf(lessons[0]);
  if (typeof lessonId !== 'string') throw fault(outline, 'the outline has no lesson');
  try {
    await http.api('GET', `/courses/${courseId}/lessons/${lessonId}`, { accessToken });
  } catch (error) {
    if (isRestricted && error instanceof CheckFailed && error.status === 403) return null;
    throw error;
  }
  return {
    courseId,
    lessonId,
    hasRecording: kind !== 'article',
    isUntouched: await isUntouched(http, accessToken, courseId),
  };
}

/** Reads a lesson that only signed-in learners may read. */
export async function readGuardedLesson(
  http: HttpClient,
  accessToken: string,
  { courseId, lessonId }: ReadableLesson,
): Promise<Passed<null>> {
  const path = `/courses/${courseId}/lessons/${lessonId}`;
  const answer = await http.api('GET', path, { accessToken });
  if (valueAt(answer, 'id') !== lessonId) throw fault(answer, 'it is another lesson');
  textAt(answer, 'html');
  await http.api('GET', path, { expect: 401 });
  await http.api('GET', path, { accessToken: forged(accessToken), expect: 401 });
  return { value: null, note: 'only with a valid token' };
}
