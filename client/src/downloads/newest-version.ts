import { type Fetch, isObject, type Problem, RequestFailed } from '../platform/http.ts';
import {
  courseName,
  type DownloadGrant,
  filesIn,
  type LessonOutline,
  lessonName,
  lessonsOf,
  nameIn,
  type OfflineCourse,
} from './course-content.ts';
import { inParallel } from './in-parallel.ts';
import { type Ask, checkRefusal, DownloadRefused, fetchRange } from './requests.ts';
import type { Shelf } from './shelf.ts';
import { parse, readVersion, type Version } from './version.ts';

export interface Source {
  readonly ask: Ask;
  readonly send: Fetch;
  readonly courseId: string;
  /** Links to recordings, by the names of the files. They expire. */
  readonly links: Map<string, string>;
}

/** Lessons in one request for grants. */
const MAX_GRANTS = 200;

interface GrantResult {
  readonly lessonId: string;
  readonly grant?: DownloadGrant;
  readonly problem?: Problem;
}

/** Requests grants of recordings, and keeps their links. */
export async function requestGrants(
  { ask, courseId, links }: Source,
  lessonIds: readonly string[],
): Promise<Map<string, DownloadGrant>> {
  const grants = new Map<string, DownloadGrant>();
  for (let from = 0; from < lessonIds.length; from += MAX_GRANTS) {
    const batch = lessonIds.slice(from, from + MAX_GRANTS);
    const { results } = await ask(`/courses/${courseId}/media-urls`, { lessonIds: batch, purpose: 'download' });
    if (!Array.isArray(results)) throw changed();
    for (const { lessonId, grant, problem } of results as readonly GrantResult[]) {
      if (problem?.status !== 404) checkRefusal(problem);
      if (!isObject(grant)) throw changed();
      grants.set(lessonId, grant as DownloadGrant);
      const { download } = grant as DownloadGrant;
      if (download) links.set(nameIn(download.url), download.url);
    }
  }
  return grants;
}

/** Finds out what the newest version of a course consists of. Requests and stores the documents that are not there yet. */
export async function findNewestVersion(source: Source, shelf: Shelf): Promise<Version> {
  const { ask, send, courseId } = source;
  const route = `/courses/${courseId}`;
  const course = (await ask(route)) as unknown as OfflineCourse;
  if (course.id !== courseId || !Array.isArray(course.modules)) throw changed();
  const isMissing = async (name: string) => parse(await shelf.read(name)) === null;
  const missing: LessonOutline[] = [];
  for (const lesson of lessonsOf(course)) if (await isMissing(lessonName(lesson))) missing.push(lesson);
  const withRecording = missing.filter(({ kind }) => kind !== 'article');
  const grants = await requestGrants(
    source,
    withRecording.map(({ id }) => id),
  );
  const example = course.image ?? [...grants.values()][0]?.url ?? '';

  /** Stores the document of a course or a lesson. One byte of each file tells the size of the whole. */
  async function store(name: string, content: object, { download, chapters = null }: Partial<DownloadGrant> = {}) {
    const files: { url: string; sizeBytes: number }[] = [];
    for (const url of filesIn(JSON.stringify([content, chapters]), courseId, example)) {
      files.push({ url, sizeBytes: (await fetchRange(send, url, 0, 1)).sizeBytes });
    }
    const recording = download ? { ...download, name: nameIn(download.url), url: undefined } : null;
    const bytes = new TextEncoder().encode(JSON.stringify({ content, chapters, recording, files }));
    // Of a crash in the middle of it.
    await shelf.remove(name);
    await shelf.append(name, bytes, { offset: 0, sizeBytes: bytes.length, contentType: 'application/json' });
  }

  await inParallel(missing, async (lesson) => {
    const { id, contentHash, sizeBytes } = lesson;
    const content = await ask(`${route}/lessons/${id}`).catch((error: unknown) => {
      throw error instanceof DownloadRefused && error.problem.status === 404 ? changed() : error;
    });
    const grant = grants.get(id);
    // The outline may come from a cache, up to a minute old. Grants do not.
    const isSameRecording = !grant?.download || grant.download.sizeBytes === sizeBytes;
    if (content['contentHash'] !== contentHash || !isSameRecording) throw changed();
    await store(lessonName(lesson), content, grant);
  });
  const name = courseName(course);
  if (await isMissing(name)) await store(name, course);
  const version = await readVersion(name, shelf.read);
  if (version === null) throw changed();
  return version;
}

/** Answers do not fit together: a lesson is not, or no longer, what the outline says. Caches need up to a minute. */
export function changed(): RequestFailed {
  return new RequestFailed('The course changed meanwhile');
}
