/*
 * Stores what a learner does on a device until the server has it. Runs in browsers, in React Native, and wherever `fetch`
 * exists. It has no dependencies, so you can copy it into an app unchanged. docs/progress.md describes the server's side.
 */

/** Something that happened in a lesson: a position, a completion, or both. */
export interface ProgressFact {
  readonly courseId: string;
  readonly lessonId: string;
  /** Seconds of audio or video, or the fraction of an article that was read. */
  readonly position?: number;
  readonly completed?: boolean;
  /**
   * How much was played since the previous fact about this lesson, in seconds of the recording, whatever the speed. 0 if the
   * learner only moved the slider. Leave it out if the app does not measure it.
   */
  readonly playedSeconds?: number;
}

export interface LessonProgress {
  readonly lessonId: string;
  readonly position: number;
  readonly furthest: number;
  readonly completed: boolean;
  readonly completedAt: string | null;
  readonly firstCompletedAt: string | null;
  readonly secondsPlayed: number;
  readonly updatedAt: string | null;
}

/**
 * Stores the queue of one learner on one device. `save` must replace the text atomically, as localStorage, IndexedDB, and
 * AsyncStorage do.
 */
export interface QueueStorage {
  load(): Promise<string | null>;
  save(text: string): Promise<void>;
}

export interface QueueOptions {
  /** Such as `https://api.example.com/v1`. */
  readonly baseUrl: string;
  /** Returns the access token. Called with `renewed` after the server has refused the previous one. */
  readonly accessToken: (renewed: boolean) => Promise<string>;
  readonly storage: QueueStorage;
  /**
   * Called with an event that the server will never accept, or has not accepted for 30 days. It is no longer in the queue.
   * After a crash it may be called again.
   */
  readonly onRejected?: (event: QueuedEvent, problem: unknown) => void;
  /** Called after news from the server, which may change the result of `lesson`. */
  readonly onChange?: () => void;
  readonly fetch?: (url: string, init: RequestInit) => Promise<Response>;
  readonly now?: () => number;
  /** Milliseconds since any start, unaffected by changes of the clock. May stop while the device sleeps. */
  readonly monotonic?: () => number;
  /** A random UUID. */
  readonly newId?: () => string;
  readonly random?: () => number;
  /** Calls back after `delayMs`, and returns a function that cancels it. */
  readonly schedule?: (callback: () => void, delayMs: number) => () => void;
}

export interface QueuedEvent extends ProgressFact {
  readonly eventId: string;
  /** The time by the device's clock, in milliseconds. */
  readonly clockMs: number;
}

export interface ProgressQueue {
  /** Stores what happened just now. Once this resolves, the event is safe, online or offline. */
  record(fact: ProgressFact): Promise<void>;
  /**
   * Sends all events, oldest first. Events that the server refuses, but may accept later, stay in the queue.
   * @throws SyncFailure if the server cannot be reached or does not answer. Nothing is lost, and a later call continues.
   */
  sync(): Promise<void>;
  /**
   * Sends what is due, and reads what other devices did since the last call. In this order, so that an event whose answer was
   * lost is not counted both by the server and as one that it does not have. Throws like `sync`.
   */
  pull(): Promise<void>;
  /** Returns the lesson as the learner should see it: the server's last state, plus events that it does not have yet. */
  lesson(courseId: string, lessonId: string): LessonProgress;
  /** Returns the number of events that the server does not have yet. */
  pending(): number;
  /** Syncs after each event. Retries after failures, with increasing delays. Sends refused events again after an hour. */
  start(): void;
  stop(): void;
}

/** A sync or a pull failed. */
export class SyncFailure extends Error {
  override readonly name = 'SyncFailure';
  /** The server's `Retry-After`, in milliseconds; 0 if it sent none. */
  readonly retryAfterMs: number;

  constructor(message: string, retryAfterMs = 0, options?: ErrorOptions) {
    super(message, options);
    this.retryAfterMs = retryAfterMs;
  }
}

interface QueueState {
  events: QueuedEvent[];
  /** The latest events that the server has accepted. Missing in states from before they were kept. */
  accepted?: QueuedEvent[];
  /** Accepted events to send again, because the server may have lost them. */
  repeated?: QueuedEvent[];
  known: Record<string, LessonProgress>;
  cursor: string | null;
}

interface Answer {
  readonly status: number;
  readonly retryAfterMs: number;
  /** Undefined if it is not JSON. */
  readonly body: unknown;
}

interface SyncAnswer {
  /** One for each event, in the order of the request. */
  readonly results: readonly {
    readonly status: 'applied' | 'superseded' | 'duplicate' | 'rejected';
    readonly lesson: LessonProgress | null;
    readonly problem?: unknown;
    /** In a rejection: false if the server may accept the event later, for example when access is paid for. */
    readonly final?: boolean;
  }[];
}

interface ChangesAnswer {
  readonly items: readonly { readonly courseId: string; readonly lessons: readonly LessonProgress[] }[];
  readonly cursor: string;
  readonly hasMore: boolean;
}

/** The server's limit. With the longest names, a batch has about 160 KiB, and the server accepts 256. */
const MAX_BATCH = 500;

/** Accepted events to keep: hours of playing, in 100 KB of storage. */
const MAX_ACCEPTED = 500;

/** The server always answers within this time. It also accepts a clock that is off by no more than this. */
const REQUEST_TIMEOUT_MS = 30_000;

const FIRST_RETRY_MS = 1000;
const LAST_RETRY_MS = 5 * 60_000;
/** Limits `Retry-After`: timers support at most 24 days, and call back at once after a longer delay. */
const LONGEST_WAIT_MS = 24 * 3600_000;

/** Unless the app calls `sync`, a refused event waits this long. */
const REFUSED_WAIT_MS = 3600_000;
/** A refused event that is older than this is given up. */
const REFUSED_AGE_MS = 30 * 24 * 3600_000;

/** A clock before this was never set, and the server rejects such times. */
const EARLIEST_MS = Date.UTC(2000, 0, 1);

/** Opens the queue in a storage, or a new one if the storage is empty. Open only one queue at a time on a storage. */
export async function openProgressQueue(options: QueueOptions): Promise<ProgressQueue> {
  const { storage, baseUrl, accessToken, onRejected = () => undefined, onChange = () => undefined } = options;
  const send = options.fetch ?? ((url, init) => fetch(url, init));
  const now = options.now ?? Date.now;
  const newId = options.newId ?? (() => crypto.randomUUID());
  const random = options.random ?? Math.random;
  const schedule = options.schedule ?? scheduleByTimer;
  const elapsed = elapsedTime(now, options.monotonic ?? (() => performance.now()));

  const text = await storage.load();
  const state: QueueState = text === null ? { events: [], known: {}, cursor: null } : (JSON.parse(text) as QueueState);
  /** When the events of this run happened, by the monotonic clock. */
  const recordedAt = new Map<string, number>();
  /** When the server last refused an event that it may accept later, by the monotonic clock. */
  const refusedAt = new Map<string, number>();
  // An older text must not replace a newer one, nor an older answer.
  const serializeSaves = oneAtATime();
  const serializeRequests = oneAtATime();
  let syncing: Promise<void> | undefined;
  let batchSize = MAX_BATCH;
  let failures = 0;
  let cancel: (() => void) | undefined;
  let running = false;

  /** The events to send, oldest first. */
  function unsent(): QueuedEvent[] {
    return [...(state.repeated ?? []), ...state.events].sort((a, b) => (a.eventId < b.eventId ? -1 : 1));
  }

  function latestId(): string | undefined {
    const all = [...unsent(), ...(state.accepted ?? [])];
    return all.reduce<string | undefined>(
      (id, { eventId }) => (id === undefined || eventId > id ? eventId : id),
      undefined,
    );
  }

  function save(): Promise<void> {
    return serializeSaves(() => storage.save(JSON.stringify(state)));
  }

  /**
   * Returns when each event happened, by the present clock. For events of this run the age is known, even if the clock was
   * set since. For events of earlier runs only the clock's time is known, and that they precede the next ones in the queue.
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

  /** Returns the body of a batch that is sent now: each attempt has new times. */
  function bodyOf(batch: readonly QueuedEvent[]): string {
    const sentAt = now();
    // Of all events, because one outside the batch may show that earlier ones are older than their clock says.
    const times = timesOf(unsent(), sentAt);
    return JSON.stringify({
      sentAt: new Date(sentAt).toISOString(),
      events: batch.map(({ clockMs: _, ...event }) => ({
        ...event,
        occurredAt: new Date(times.get(event.eventId) ?? sentAt).toISOString(),
      })),
    });
  }

  /** Creates the body after it has the token, which may take long, for example if the learner has to sign in. */
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
    throw new SyncFailure('The learner must sign in again');
  }

  async function exchange(url: string, init: RequestInit): Promise<Answer> {
    const controller = new AbortController();
    const cancelTimeout = schedule(() => {
      // On such a slow network, a smaller batch may get through.
      batchSize = Math.ceil(batchSize / 2);
      controller.abort();
    }, REQUEST_TIMEOUT_MS);
    try {
      const response = await send(url, { ...init, signal: controller.signal });
      const { status, headers } = response;
      return { status, retryAfterMs: retryAfterMsOf(headers.get('Retry-After')), body: jsonOf(await response.text()) };
    } catch (cause) {
      throw new SyncFailure('No answer came', 0, { cause });
    } finally {
      cancelTimeout();
    }
  }

  function dueEvents(): QueuedEvent[] {
    return unsent().filter(({ eventId }) => {
      const refused = refusedAt.get(eventId);
      return refused === undefined || elapsed() - refused >= REFUSED_WAIT_MS;
    });
  }

  async function syncBatch(due: readonly QueuedEvent[]): Promise<void> {
    const batch = due.slice(0, batchSize);
    const answer = await request('/progress/sync', () => bodyOf(batch));
    const { status, body } = answer;
    if (status === 200 && isSyncAnswer(body, batch.length)) {
      batchSize = Math.min(MAX_BATCH, batchSize * 2);
      const done: QueuedEvent[] = [];
      const rejected: [QueuedEvent, unknown][] = [];
      const time = now();
      const times = timesOf(unsent(), time);
      for (const [index, event] of batch.entries()) {
        const { eventId } = event;
        const result = body.results[index];
        if (result?.lesson) state.known[keyOf(event)] = result.lesson;
        const isRejected = result?.status === 'rejected';
        const mayWait = time - (times.get(eventId) ?? time) < REFUSED_AGE_MS;
        if (isRejected && result.final === false && mayWait) {
          refusedAt.set(eventId, elapsed());
        } else {
          done.push(event);
          if (isRejected) rejected.push([event, result.problem]);
        }
      }
      await forget(done, rejected);
    } else if ((status === 400 || status === 413) && batch.length > 1) {
      // The server cannot read something in it. In smaller batches, the other events get through.
      batchSize = Math.ceil(batch.length / 2);
    } else if ((status === 400 || status === 413) && isProblem(body)) {
      await forget(
        batch,
        batch.map((event) => [event, body]),
      );
    } else throw failureOf(answer);
  }

  /** Calls the app before the state is stored, so that it learns of each rejection. Errors of the app do not restore the events. */
  async function forget(
    events: readonly QueuedEvent[],
    rejected: readonly (readonly [QueuedEvent, unknown])[],
  ): Promise<void> {
    const done = new Set(events.map(({ eventId }) => eventId));
    const refused = new Set(rejected.map(([{ eventId }]) => eventId));
    const accepted = events.filter(({ eventId }) => !refused.has(eventId));
    state.events = state.events.filter(({ eventId }) => !done.has(eventId));
    state.repeated = state.repeated?.filter(({ eventId }) => !done.has(eventId)) ?? [];
    const kept = [...(state.accepted ?? []), ...accepted];
    state.accepted = kept.slice(-MAX_ACCEPTED);
    for (const eventId of done) refusedAt.delete(eventId);
    for (const eventId of [...refused, ...kept.slice(0, -MAX_ACCEPTED).map((event) => event.eventId)]) {
      recordedAt.delete(eventId);
    }
    try {
      for (const [event, problem] of rejected) onRejected(event, problem);
    } finally {
      await save();
    }
    onChange();
  }

  async function syncAll(): Promise<void> {
    for (let due = dueEvents(); due.length > 0; due = dueEvents()) await syncBatch(due);
  }

  function sync(): Promise<void> {
    syncing ??= serializeRequests(syncAll)
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
    // `sync` schedules its own retry.
    cancel = schedule(() => void sync().catch(() => undefined), delayMs);
  }

  /** Exponential backoff with jitter, so that devices that failed together do not retry together. */
  function retryDelay(minimumMs: number): number {
    const backoff = Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** (failures - 1)) * (0.5 + random() / 2);
    return Math.max(minimumMs, backoff);
  }

  async function pullAll(): Promise<void> {
    let hasMore = true;
    while (hasMore) {
      const since = state.cursor === null ? '' : `&since=${state.cursor}`;
      const answer = await request(`/progress?limit=100${since}`);
      const { status, body } = answer;
      if (status === 400 && isProblem(body) && state.cursor !== null) {
        // The server no longer accepts the cursor, for example because its database was restored from a backup. Start from
        // the beginning, and send again what it may have lost: it recognizes the events that it has.
        state.cursor = null;
        state.repeated = [...(state.repeated ?? []), ...(state.accepted ?? [])];
        state.accepted = [];
        await save();
        await syncAll();
      } else if (status === 200 && isChangesAnswer(body)) {
        for (const { courseId, lessons } of body.items) {
          // An item has the whole course. It has no lessons if the learner has left.
          forgetCourse(state.known, courseId);
          for (const lesson of lessons) state.known[keyOf({ courseId, lessonId: lesson.lessonId })] = lesson;
        }
        state.cursor = body.cursor;
        hasMore = body.hasMore;
        await save();
        if (body.items.length > 0) onChange();
      } else throw failureOf(answer);
    }
  }

  return {
    sync() {
      // The app knows best when it may have changed: it came to the front, or the learner paid.
      refusedAt.clear();
      return sync();
    },
    async pull() {
      await sync();
      await serializeRequests(pullAll);
    },
    pending: () => state.events.length,

    async record(fact) {
      const clockMs = now();
      const eventId = idAfter(latestId(), clockMs, newId());
      state.events.push({ ...fact, eventId, clockMs });
      recordedAt.set(eventId, elapsed());
      await save();
      if (running && failures === 0) wake(0);
    },

    lesson(courseId, lessonId) {
      const start: LessonProgress = {
        lessonId,
        position: 0,
        furthest: 0,
        completed: false,
        completedAt: null,
        firstCompletedAt: null,
        // Missing in lessons that were stored before playing time was counted.
        secondsPlayed: 0,
        updatedAt: null,
        ...state.known[keyOf({ courseId, lessonId })],
      };
      return state.events
        .filter((event) => event.courseId === courseId && event.lessonId === lessonId)
        .reduce(withEvent, start);
    },

    start() {
      running = true;
      if (unsent().length > 0) wake(0);
    },

    stop() {
      running = false;
      cancel?.();
      cancel = undefined;
    },
  };
}

/**
 * Returns a clock that never goes back and also counts sleep. While a device sleeps, its monotonic clock usually stops, so
 * the wall clock gets further ahead of it than ever before. If the wall clock is set back, its lead shrinks.
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
 * Returns a UUID that sorts after the previous one (version 7, RFC 9562 section 5.7). Of two events at the same time, the
 * server takes the one with the greater id as the later, and it gives all events from the future the same time.
 */
function idAfter(previous: string | undefined, clockMs: number, uuid: string): string {
  const least = previous === undefined ? 0 : Number.parseInt(previous.replace(/-/g, '').slice(0, 12), 16) + 1;
  const time = Math.max(Math.floor(clockMs), least).toString(16).padStart(12, '0');
  return `${time.slice(0, 8)}-${time.slice(8)}-7${uuid.slice(15)}`;
}

/** Runs tasks one at a time, whether or not they fail. */
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

/** Returns the lesson as it will be once the server has this event, as far as the device can tell. */
function withEvent(lesson: LessonProgress, event: QueuedEvent): LessonProgress {
  const { position, completed, playedSeconds, clockMs } = event;
  const at = new Date(clockMs).toISOString();
  const isCompleted = completed ?? lesson.completed;
  return {
    ...lesson,
    position: position ?? lesson.position,
    // A position that was only moved to is not how far the learner got.
    furthest: Math.max((playedSeconds === 0 ? undefined : position) ?? 0, lesson.furthest),
    completed: isCompleted,
    completedAt: isCompleted ? (completed === undefined ? lesson.completedAt : at) : null,
    firstCompletedAt: lesson.firstCompletedAt ?? (completed === true ? at : null),
    secondsPlayed: lesson.secondsPlayed + (playedSeconds ?? 0),
    updatedAt: at,
  };
}

function failureOf({ status, retryAfterMs }: Answer): SyncFailure {
  return new SyncFailure(`The server answered ${status}, or something in its place did`, retryAfterMs);
}

function retryAfterMsOf(header: string | null): number {
  const seconds = Number(header ?? 0);
  return seconds > 0 ? Math.min(seconds * 1000, LONGEST_WAIT_MS) : 0;
}

/*
 * Something else may answer in place of the server, such as a hotel's sign-in page or a proxy. So answers are recognized by
 * their form.
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

function isChangesAnswer(body: unknown): body is ChangesAnswer {
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
