/*
 * Keeps what a learner does on a device until the server has it: in a browser, in React Native, wherever there is fetch.
 * It depends on nothing, so it can be copied into an app as it is. What it relies on is in docs/progress.md.
 */

/** One thing that happened in a lesson: at least one of the two facts. */
export interface ProgressFact {
  readonly courseId: string;
  readonly lessonId: string;
  /** Seconds into audio or video, the fraction read of an article. */
  readonly position?: number;
  readonly completed?: boolean;
}

export interface LessonProgress {
  readonly lessonId: string;
  readonly position: number;
  readonly furthest: number;
  readonly completed: boolean;
  readonly completedAt: string | null;
  readonly firstCompletedAt: string | null;
  readonly updatedAt: string | null;
}

/**
 * Where the queue is kept, one for each learner and device. `save` must put the new text in the place of the old one
 * whole or not at all, as localStorage, IndexedDB and AsyncStorage do.
 */
export interface QueueStorage {
  load(): Promise<string | null>;
  save(text: string): Promise<void>;
}

export interface QueueOptions {
  /** Such as `https://api.example.com/v1`. */
  readonly baseUrl: string;
  /** The access token; asked for `renewed` when the server no longer takes the one it gave. */
  readonly accessToken: (renewed: boolean) => Promise<string>;
  readonly storage: QueueStorage;
  /** Called with an event that the server will never take: it is out of the queue. After a crash it may be told again. */
  readonly onRejected?: (event: QueuedEvent, problem: unknown) => void;
  /** Told that something came from the server, so that `lesson` may answer otherwise than before. */
  readonly onChange?: () => void;
  readonly fetch?: (url: string, init: RequestInit) => Promise<Response>;
  readonly now?: () => number;
  /** Milliseconds that go on however the clock is set, from any start; they may stand still while the device sleeps. */
  readonly monotonic?: () => number;
  /** A random UUID. */
  readonly newId?: () => string;
  readonly random?: () => number;
  /** Calls back after so many milliseconds, and answers how to call that off. */
  readonly schedule?: (callback: () => void, delayMs: number) => () => void;
}

export interface QueuedEvent extends ProgressFact {
  readonly eventId: string;
  /** What the clock of the device showed, in milliseconds. */
  readonly clockMs: number;
}

export interface ProgressQueue {
  /** Keeps what happened just now: it is safe once this resolves, online or not. */
  record(fact: ProgressFact): Promise<void>;
  /**
   * Sends all there is, oldest first.
   * @throws SyncFailure when the server cannot be reached or does not answer; nothing is lost, and a later call goes on.
   */
  sync(): Promise<void>;
  /** Gets what other devices did, since the last time. Throws as `sync` does. */
  pull(): Promise<void>;
  /** A lesson as the learner should see it: as the server last said, and what it does not know yet. */
  lesson(courseId: string, lessonId: string): LessonProgress;
  /** How many events the server does not have yet. */
  pending(): number;
  /** Syncs after each event, and after a failure again and again, ever more rarely. */
  start(): void;
  stop(): void;
}

/** Why a sync or a pull did not come to its end. */
export class SyncFailure extends Error {
  override readonly name = 'SyncFailure';
  /** How long the server asks to be left alone, in milliseconds; 0 where it did not say. */
  readonly retryAfterMs: number;

  constructor(message: string, retryAfterMs = 0, options?: ErrorOptions) {
    super(message, options);
    this.retryAfterMs = retryAfterMs;
  }
}

interface Kept {
  events: QueuedEvent[];
  known: Record<string, LessonProgress>;
  cursor: string | null;
}

interface Answer {
  readonly status: number;
  readonly retryAfterMs: number;
  /** Undefined where it is not JSON. */
  readonly body: unknown;
}

interface SyncAnswer {
  /** One for each event, in the order they were sent. */
  readonly results: readonly {
    readonly status: 'applied' | 'superseded' | 'duplicate' | 'rejected';
    readonly lesson: LessonProgress | null;
    readonly problem?: unknown;
  }[];
}

interface FeedAnswer {
  readonly items: readonly { readonly courseId: string; readonly lessons: readonly LessonProgress[] }[];
  readonly cursor: string;
  readonly hasMore: boolean;
}

/** The most that the server takes at once; with the longest of names they are some 145 KiB, and it takes 256. */
const MAX_BATCH = 500;

/** The server answers within this time or not at all. It also takes a clock for right that is off by no more than this. */
const REQUEST_TIMEOUT_MS = 30_000;

const FIRST_RETRY_MS = 1000;
const LAST_RETRY_MS = 5 * 60_000;
/** However long the server asks for: timers take no more than 24 days, and call back at once when given more. */
const LONGEST_WAIT_MS = 24 * 3600_000;

/** A clock that shows less was never set, and the server takes no such time. */
const EARLIEST_MS = Date.UTC(2000, 0, 1);

/** Opens the queue that a storage holds; a new one where it holds none. One queue at a time may be open on a storage. */
export async function openProgressQueue(options: QueueOptions): Promise<ProgressQueue> {
  const { storage, baseUrl, accessToken, onRejected = () => undefined, onChange = () => undefined } = options;
  const send = options.fetch ?? ((url, init) => fetch(url, init));
  const now = options.now ?? Date.now;
  const newId = options.newId ?? (() => crypto.randomUUID());
  const random = options.random ?? Math.random;
  const schedule = options.schedule ?? scheduleByTimer;
  const elapsed = elapsedTime(now, options.monotonic ?? (() => performance.now()));

  const text = await storage.load();
  const kept: Kept = text === null ? { events: [], known: {}, cursor: null } : (JSON.parse(text) as Kept);
  /** When the events of this run happened, by the clock that nobody sets. */
  const recordedAt = new Map<string, number>();
  // An older text must not take the place of a newer one, nor an older answer.
  const inTurnOfSaves = oneAtATime();
  const inTurnOfRequests = oneAtATime();
  let syncing: Promise<void> | undefined;
  let batchSize = MAX_BATCH;
  let failures = 0;
  let cancel: (() => void) | undefined;
  let running = false;

  function save(): Promise<void> {
    return inTurnOfSaves(() => storage.save(JSON.stringify(kept)));
  }

  /**
   * When each event happened, by the clock as it is now. Of this run their age is known, however the clock was set since;
   * of former runs there is only what the clock showed, and that they came before those that follow in the queue.
   */
  function timesOf(events: readonly QueuedEvent[], sentAt: number): Map<string, number> {
    const elapsedNow = elapsed();
    const times = new Map<string, number>();
    let latest = sentAt;
    for (const { eventId, clockMs } of [...events].reverse()) {
      const then = recordedAt.get(eventId);
      const shown = clockMs < EARLIEST_MS ? latest : clockMs;
      latest = Math.min(latest, then === undefined ? shown : sentAt - (elapsedNow - then));
      times.set(eventId, latest);
    }
    return times;
  }

  /** A batch as it is sent now: the clock and the ages in it are of this very moment, at each attempt. */
  function bodyOf(batch: readonly QueuedEvent[]): string {
    const sentAt = now();
    // Of all events, since one that is not sent yet may say that those before it are older than their clock shows.
    const times = timesOf(kept.events, sentAt);
    return JSON.stringify({
      sentAt: new Date(sentAt).toISOString(),
      events: batch.map(({ clockMs: _, ...event }) => ({
        ...event,
        occurredAt: new Date(times.get(event.eventId) ?? sentAt).toISOString(),
      })),
    });
  }

  /** The body is made once the token is there: to get one may take long, as when the learner has to sign in. */
  async function request(path: string, body?: () => string): Promise<Answer> {
    for (const renewed of [false, true]) {
      const authorization = { Authorization: `Bearer ${await accessToken(renewed)}` };
      const init: RequestInit =
        body === undefined
          ? { headers: authorization }
          : { method: 'POST', headers: { ...authorization, 'Content-Type': 'application/json' }, body: body() };
      const answer = await exchange(`${baseUrl}${path}`, init);
      if (answer.status !== 401) return answer;
    }
    throw new SyncFailure('The learner has to sign in again');
  }

  async function exchange(url: string, init: RequestInit): Promise<Answer> {
    const controller = new AbortController();
    const cancelTimeout = schedule(() => {
      // On a network that is so slow, less may get through.
      batchSize = Math.ceil(batchSize / 2);
      controller.abort();
    }, REQUEST_TIMEOUT_MS);
    try {
      const response = await send(url, { ...init, signal: controller.signal });
      const { status, headers } = response;
      return { status, retryAfterMs: waitAsked(headers.get('Retry-After')), body: jsonOf(await response.text()) };
    } catch (cause) {
      throw new SyncFailure('No answer came', 0, { cause });
    } finally {
      cancelTimeout();
    }
  }

  async function syncBatch(): Promise<void> {
    const batch = kept.events.slice(0, batchSize);
    const answer = await request('/progress/sync', () => bodyOf(batch));
    const { status, body } = answer;
    if (status === 200 && isSyncAnswer(body, batch.length)) {
      batchSize = Math.min(MAX_BATCH, batchSize * 2);
      const rejected: [QueuedEvent, unknown][] = [];
      for (const [index, event] of batch.entries()) {
        const result = body.results[index];
        if (result?.lesson) kept.known[keyOf(event)] = result.lesson;
        if (result?.status === 'rejected') rejected.push([event, result.problem]);
      }
      await forget(batch, rejected);
    } else if ((status === 400 || status === 413) && batch.length > 1) {
      // Something in it the server cannot read at all: the smaller the batch, the more of the others get through.
      batchSize = Math.ceil(batch.length / 2);
    } else if ((status === 400 || status === 413) && isProblem(body)) {
      await forget(
        batch,
        batch.map((event) => [event, body]),
      );
    } else throw failureOf(answer);
  }

  /** The app is told before it is stored, so that it hears of all; and its faults do not bring the events back. */
  async function forget(
    events: readonly QueuedEvent[],
    rejected: readonly (readonly [QueuedEvent, unknown])[],
  ): Promise<void> {
    const done = new Set(events.map(({ eventId }) => eventId));
    kept.events = kept.events.filter(({ eventId }) => !done.has(eventId));
    for (const eventId of done) recordedAt.delete(eventId);
    try {
      for (const [event, problem] of rejected) onRejected(event, problem);
    } finally {
      await save();
    }
    onChange();
  }

  async function syncAll(): Promise<void> {
    while (kept.events.length > 0) await syncBatch();
  }

  function sync(): Promise<void> {
    syncing ??= inTurnOfRequests(syncAll)
      .then(
        () => {
          failures = 0;
        },
        (error: unknown) => {
          failures += 1;
          if (running) wake(retryDelay(error instanceof SyncFailure ? error.retryAfterMs : 0));
          throw error;
        },
      )
      .finally(() => {
        syncing = undefined;
      });
    return syncing;
  }

  function wake(delayMs: number): void {
    cancel?.();
    // What fails is tried again, which sync itself sees to.
    cancel = schedule(() => void sync().catch(() => undefined), delayMs);
  }

  /** Between half and all of a time that doubles: devices that failed together do not come back together. */
  function retryDelay(asked: number): number {
    const backOff = Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** (failures - 1)) * (0.5 + random() / 2);
    return Math.max(asked, backOff);
  }

  async function pullAll(): Promise<void> {
    let hasMore = true;
    while (hasMore) {
      const since = kept.cursor === null ? '' : `&since=${kept.cursor}`;
      const answer = await request(`/progress?limit=100${since}`);
      const { status, body } = answer;
      if (status === 400 && isProblem(body) && kept.cursor !== null) {
        // A cursor the server no longer reads: all there is, from the start.
        kept.cursor = null;
      } else if (status === 200 && isFeedAnswer(body)) {
        for (const { courseId, lessons } of body.items) {
          // An item is all there is of a course: nothing, where the learner has left it.
          forgetCourse(kept.known, courseId);
          for (const lesson of lessons) kept.known[keyOf({ courseId, lessonId: lesson.lessonId })] = lesson;
        }
        kept.cursor = body.cursor;
        hasMore = body.hasMore;
        await save();
        if (body.items.length > 0) onChange();
      } else throw failureOf(answer);
    }
  }

  return {
    sync,
    pull: () => inTurnOfRequests(pullAll),
    pending: () => kept.events.length,

    async record(fact) {
      const clockMs = now();
      const eventId = idAfter(kept.events[kept.events.length - 1]?.eventId, clockMs, newId());
      kept.events.push({ ...fact, eventId, clockMs });
      recordedAt.set(eventId, elapsed());
      await save();
      if (running && failures === 0) wake(0);
    },

    lesson(courseId, lessonId) {
      const start: LessonProgress = kept.known[keyOf({ courseId, lessonId })] ?? {
        lessonId,
        position: 0,
        furthest: 0,
        completed: false,
        completedAt: null,
        firstCompletedAt: null,
        updatedAt: null,
      };
      return kept.events
        .filter((event) => event.courseId === courseId && event.lessonId === lessonId)
        .reduce(withEvent, start);
    },

    start() {
      running = true;
      if (kept.events.length > 0) wake(0);
    },

    stop() {
      running = false;
      cancel?.();
      cancel = undefined;
    },
  };
}

/**
 * Milliseconds that never go back and do not stand still. The monotonic clock of most devices does while they sleep, which
 * shows as the other clock being further ahead of it than ever before; that one being set back shows as the opposite.
 */
function elapsedTime(now: () => number, monotonic: () => number): () => number {
  let ahead = Number.NEGATIVE_INFINITY;
  return () => {
    const ticks = monotonic();
    ahead = Math.max(ahead, now() - ticks);
    return ticks + ahead;
  };
}

/**
 * A UUID that sorts after the one before it (version 7, RFC 9562 section 5.7): of two events at one moment the server takes
 * the greater id for the later, and all that a fast clock puts into the future is one moment to it.
 */
function idAfter(previous: string | undefined, clockMs: number, uuid: string): string {
  const least = previous === undefined ? 0 : Number.parseInt(previous.replaceAll('-', '').slice(0, 12), 16) + 1;
  const time = Math.max(Math.floor(clockMs), least).toString(16).padStart(12, '0');
  return `${time.slice(0, 8)}-${time.slice(8)}-7${uuid.slice(15)}`;
}

/** Lets one piece of work begin when the one before has ended, however it has. */
function oneAtATime(): <T>(work: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const done = last.then(work);
    last = done.catch(() => undefined);
    return done;
  };
}

function keyOf({ courseId, lessonId }: { readonly courseId: string; readonly lessonId: string }): string {
  return `${courseId}/${lessonId}`;
}

function forgetCourse(known: Record<string, LessonProgress>, courseId: string): void {
  for (const key of Object.keys(known)) if (key.startsWith(`${courseId}/`)) delete known[key];
}

/** What a lesson will be once the server has this event too, as far as a device can tell. */
function withEvent(lesson: LessonProgress, { position, completed, clockMs }: QueuedEvent): LessonProgress {
  const at = new Date(clockMs).toISOString();
  const isCompleted = completed ?? lesson.completed;
  return {
    ...lesson,
    position: position ?? lesson.position,
    furthest: Math.max(position ?? 0, lesson.furthest),
    completed: isCompleted,
    completedAt: isCompleted ? (completed === undefined ? lesson.completedAt : at) : null,
    firstCompletedAt: lesson.firstCompletedAt ?? (completed === true ? at : null),
    updatedAt: at,
  };
}

function failureOf({ status, retryAfterMs }: Answer): SyncFailure {
  return new SyncFailure(`The server answered ${status}, or something in its place did`, retryAfterMs);
}

function waitAsked(header: string | null): number {
  const seconds = Number(header ?? 0);
  return seconds > 0 ? Math.min(seconds * 1000, LONGEST_WAIT_MS) : 0;
}

/*
 * What answers may be no Lectern: the page of a hotel's network, a proxy. So only what has the form of an answer is one.
 */

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isSyncAnswer(body: unknown, events: number): body is SyncAnswer {
  return isObject(body) && Array.isArray(body['results']) && body['results'].length === events;
}

function isFeedAnswer(body: unknown): body is FeedAnswer {
  return isObject(body) && Array.isArray(body['items']) && typeof body['cursor'] === 'string';
}

function isProblem(body: unknown): boolean {
  return isObject(body) && String(body['type']).startsWith('urn:lectern:problem:');
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

function scheduleByTimer(callback: () => void, delayMs: number): () => void {
  const timer = setTimeout(callback, delayMs);
  return () => clearTimeout(timer);
}
