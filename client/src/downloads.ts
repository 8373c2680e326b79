import {
  lessonsOf,
  nameIn,
  type OfflineCourse,
  type OfflineLesson,
  type StoredDocument,
} from './downloads/course-content.ts';
import { fetchFile } from './downloads/fetch-file.ts';
import type { FileStore } from './downloads/file-store.ts';
import { inParallel } from './downloads/in-parallel.ts';
import { changed, findNewestVersion, requestGrants } from './downloads/newest-version.ts';
import { askAs, DownloadRefused } from './downloads/requests.ts';
import { openShelf, type Shelf } from './downloads/shelf.ts';
import type { Version } from './downloads/version.ts';
import { backoffMs } from './platform/backoff.ts';
import { type AccessToken, type Fetch, type Problem, RequestFailed } from './platform/http.ts';
import { withLock } from './platform/locks.ts';
import type { KeyValueStorage } from './storage.ts';

export type { LessonOutline, OfflineCourse, OfflineLesson } from './downloads/course-content.ts';
export { type FileStore, PIECE_BYTES, type Piece } from './downloads/file-store.ts';
export { DownloadRefused } from './downloads/requests.ts';
export { StorageFailed } from './downloads/shelf.ts';

/*
 * Courses on the device. Every file is named by its content, so an update adds files beside the old ones. One small text
 * names the version of a course that is complete, and changes last: what is readable is always one version as a whole.
 */

export interface DownloadsOptions {
  /** Such as `https://api.example.com/v1`. */
  readonly baseUrl: string;
  readonly accessToken: AccessToken;
  /** The account that the downloads belong to. */
  readonly userId: string;
  readonly files: FileStore;
  readonly storage: KeyValueStorage;
  readonly fetch?: Fetch;
  /** Waits before a retry. */
  readonly wait?: (ms: number) => Promise<unknown>;
}

/** What a download of a course would do. */
export interface DownloadPlan {
  readonly revision: number;
  /** Bytes still to be fetched and stored. */
  readonly bytes: number;
  /** Bytes of the whole course. */
  readonly totalBytes: number;
  /** Bytes of files that are deleted once the new version is complete. */
  readonly deletedBytes: number;
  /** Lessons that are new or have changed. */
  readonly lessonIds: readonly string[];
  /** Lessons whose recording is only a stream. Their text is downloaded, but not the recording. */
  readonly streamedLessonIds: readonly string[];
}

export interface DownloadedCourse {
  readonly courseId: string;
  /** Null until the first download is complete. */
  readonly course: OfflineCourse | null;
  /** Bytes on the device, with those of an unfinished update. */
  readonly bytes: number;
  /** Whether `course` is there with all of its files. */
  readonly isComplete: boolean;
  /** Whether a download or an update has begun and not finished. */
  readonly isUnfinished: boolean;
  /** Why the server refused the last attempt, such as after access has ended. */
  readonly refused: Problem | null;
}

export interface DownloadOptions {
  readonly onProgress?: (progress: DownloadProgress) => void;
  readonly signal?: AbortSignal;
}

export interface DownloadProgress {
  readonly bytes: number;
  readonly totalBytes: number;
}

export interface Downloads {
  /**
   * Tells what `download` would do, and how many bytes it would take. Stores the texts of lessons, for `download`.
   * @throws DownloadRefused; StorageFailed; RequestFailed
   */
  plan(courseId: string): Promise<DownloadPlan>;
  /**
   * Downloads a course, continues an interrupted download, or updates a course to its newest version. One download of an
   * account runs at a time, the others wait. Retries a few times after failures.
   * @throws DownloadRefused; StorageFailed; RequestFailed: call it again once there is a network; an `AbortError` after
   * `signal`, within a piece of 1 MiB, or if the course has been removed meanwhile
   */
  download(courseId: string, options?: DownloadOptions): Promise<void>;
  /** Lists the courses that have been downloaded, or have begun to be. */
  list(): Promise<readonly DownloadedCourse[]>;
  /** Returns a downloaded course, or null. This and all that follows needs no network. */
  course(courseId: string): Promise<OfflineCourse | null>;
  lesson(courseId: string, lessonId: string): Promise<OfflineLesson | null>;
  /** Returns the local address of a lesson's recording for a player, or null. */
  mediaUrl(courseId: string, lessonId: string): Promise<string | null>;
  /** Deletes a course, and ends a download of it. */
  remove(courseId: string): Promise<void>;
  /** Deletes everything of this account. */
  removeAll(): Promise<void>;
}

/** Retries in a row without progress. They take about a minute, after which no cache has an old answer. */
const MAX_RETRIES = 6;
const LONGEST_WAIT_MS = 60_000;

export function openDownloads(options: DownloadsOptions): Downloads {
  const { baseUrl, accessToken, userId, files, storage } = options;
  const send: Fetch = options.fetch ?? ((url, init) => fetch(url, init));
  const wait = options.wait ?? ((ms: number) => new Promise((resolve) => setTimeout(resolve, ms)));
  const ask = askAs(baseUrl, accessToken, send);
  const links = new Map<string, string>();
  /** Courses whose download has been called and has not ended. */
  const running = new Set<string>();

  const shelfOf = (courseId: string) => openShelf(files, storage, userId, courseId);
  const inTurn = <T>(work: () => Promise<T>) => withLock(`lectern/downloads/${userId}`, work);

  /** Goes on with a download. Every step that a crash interrupts is found undone, or done, by the next attempt. */
  async function attempt(
    courseId: string,
    shelf: Shelf,
    signal: AbortSignal | undefined,
    onProgress: (progress: DownloadProgress) => void,
  ): Promise<void> {
    const stateUnlessAborted = async () => {
      const state = await shelf.state();
      if (signal?.aborted || state === null) throw aborted();
      return state;
    };
    await stateUnlessAborted();
    const source = { ask, send, courseId, links };
    const version = await findNewestVersion(source, shelf);
    const { current } = await stateUnlessAborted();
    if (current !== version.name) await shelf.setState({ current, isUnfinished: true, refused: null });

    const verified = (await shelf.current())?.files;
    const sizes = await shelf.sizes();
    const check = async () => {
      await stateUnlessAborted();
      onProgress({ bytes: presentBytes(version, sizes), totalBytes: sum(version.sizes.values()) });
    };
    const link = async (name: string, lessonId: string, isRenewed: boolean) => {
      if (isRenewed || !links.has(name)) await requestGrants(source, [lessonId]);
      const found = links.get(name);
      if (found === undefined) throw changed();
      return found;
    };
    const transfer = { files, shelf, send, sizes, link, check };
    await inParallel(version.files, async ([name, file]) => {
      if (!verified?.has(name) || sizes.get(name) !== file.sizeBytes) await fetchFile(transfer, name, file);
    });
    await check();
    await shelf.setState({ current: version.name, isUnfinished: false, refused: null });
    for (const name of sizes.keys()) if (!version.sizes.has(name)) await shelf.remove(name);
  }

  async function insist(courseId: string, { signal, onProgress }: DownloadOptions): Promise<void> {
    const shelf = shelfOf(courseId);
    let failures = 0;
    let most = 0;
    const progress = (now: DownloadProgress) => {
      if (now.bytes > most) failures = 0;
      most = Math.max(most, now.bytes);
      onProgress?.(now);
    };
    for (;;) {
      try {
        return await attempt(courseId, shelf, signal, progress);
      } catch (error) {
        const state = await shelf.state();
        if (error instanceof DownloadRefused && error.problem.status !== 401 && state) {
          await shelf.setState({ ...state, refused: error.problem });
        }
        failures += 1;
        if (!(error instanceof RequestFailed) || failures > MAX_RETRIES || error.retryAfterMs > LONGEST_WAIT_MS)
          throw error;
        const delayMs = backoffMs(failures, LONGEST_WAIT_MS, error.retryAfterMs, Math.random());
        await new Promise<unknown>((resolve) => {
          signal?.addEventListener('abort', resolve);
          void wait(delayMs).then(resolve);
        });
      }
    }
  }

  /** Makes the addresses of a document's files local. */
  function localized<Content>(shelf: Shelf, document: StoredDocument<Content>): StoredDocument<Content> {
    const text = document.files.reduce(
      (all, { url }) => all.split(url).join(files.url(shelf.path(nameIn(url)))),
      JSON.stringify(document),
    );
    return JSON.parse(text);
  }

  async function course(courseId: string): Promise<OfflineCourse | null> {
    const shelf = shelfOf(courseId);
    const version = await shelf.current();
    return version ? localized(shelf, version.course).content : null;
  }

  async function lesson(courseId: string, lessonId: string): Promise<OfflineLesson | null> {
    const shelf = shelfOf(courseId);
    const version = await shelf.current();
    const stored = version?.lessons.get(lessonId);
    if (!version || !stored) return null;
    const { content, chapters, recording } = localized(shelf, stored);
    const course = version.course.content;
    const outline = lessonsOf(course);
    const index = outline.findIndex(({ id }) => id === lessonId);
    const reference = (at: number) => {
      const { id, title } = outline[at] ?? {};
      return id && title ? { id, title } : null;
    };
    return {
      ...content,
      // These change without the content of the lesson, so the outline knows them better.
      courseRevision: course.revision,
      previous: reference(index - 1),
      next: reference(index + 1),
      chapters,
      media: recording && { ...recording, url: files.url(shelf.path(recording.name)) },
    };
  }

  async function courseIds(): Promise<readonly string[]> {
    return [...new Set((await files.list(userId)).map(({ name }) => name.split('.')[0] ?? ''))];
  }

  async function remove(courseId: string): Promise<void> {
    const shelf = shelfOf(courseId);
    // Ends a download that holds the lock, in this tab or another one.
    await shelf.clearState();
    await inTurn(async () => {
      await shelf.clearState();
      for (const name of (await shelf.sizes()).keys()) await shelf.remove(name);
    });
  }

  return {
    async plan(courseId) {
      const shelf = shelfOf(courseId);
      const version = await findNewestVersion({ ask, send, courseId, links }, shelf);
      const before = await shelf.current();
      const sizes = await shelf.sizes();
      const totalBytes = sum(version.sizes.values());
      const lessons = [...version.lessons];
      return {
        revision: version.course.content.revision,
        bytes: totalBytes - presentBytes(version, sizes),
        totalBytes,
        deletedBytes: sum([...sizes].map(([name, size]) => (version.sizes.has(name) ? 0 : size))),
        lessonIds: lessons.flatMap(([id, { content }]) =>
          before?.lessons.get(id)?.content.contentHash === content.contentHash ? [] : [id],
        ),
        streamedLessonIds: lessons.flatMap(([id, { content, recording }]) =>
          content.kind === 'article' || recording ? [] : [id],
        ),
      };
    },

    async download(courseId, settings = {}) {
      const shelf = shelfOf(courseId);
      running.add(courseId);
      try {
        // Before its turn comes, so that `remove` can end it.
        if (!(await shelf.state())) await shelf.setState({ current: null, isUnfinished: true, refused: null });
        await inTurn(() => insist(courseId, settings));
      } finally {
        running.delete(courseId);
      }
    },

    async list() {
      const courses: DownloadedCourse[] = [];
      for (const courseId of await courseIds()) {
        const shelf = shelfOf(courseId);
        const state = await shelf.state();
        if (!state) continue;
        const version = await shelf.current();
        const sizes = await shelf.sizes();
        courses.push({
          courseId,
          course: await course(courseId),
          bytes: sum(sizes.values()),
          isComplete: !!version && presentBytes(version, sizes) === sum(version.sizes.values()),
          isUnfinished: state.isUnfinished,
          refused: state.refused,
        });
      }
      return courses;
    },

    course,
    lesson,
    mediaUrl: async (courseId, lessonId) => (await lesson(courseId, lessonId))?.media?.url ?? null,
    remove,
    removeAll: async () => {
      await Promise.all([...new Set([...running, ...(await courseIds())])].map(remove));
    },
  };
}

function sum(sizes: Iterable<number>): number {
  return [...sizes].reduce((total, size) => total + size, 0);
}

/** Returns how many bytes of a version are on the device. */
function presentBytes(version: Version, sizes: ReadonlyMap<string, number>): number {
  return sum([...version.sizes].map(([name, size]) => Math.min(size, sizes.get(name) ?? 0)));
}

function aborted(): Error {
  return Object.assign(new Error('The download was aborted'), { name: 'AbortError' });
}
