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
  /** Told of an event that the server will never take: it is out of the queue. */
  readonly onRejected?: (event: QueuedEvent, problem: unknown) => void;
  readonly fetch?: (url: string, init: RequestInit) => Promise<Response>;
  readonly now?: () => number;
  /** Milliseconds that go on however the clock is set, from any start. */
  readonly monotonic?: () => number;
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

/** Why a sync did not come to its end. */
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

interface SyncAnswer {
  readonly results: readonly {
    readonly status: 'applied' | 'superseded' | 'duplicate' | 'rejected';
    readonly lesson: LessonProgress | null;
    readonly problem?: unknown;
  }[];
}

interface FeedAnswer {
  readonly items: readonly {
    readonly courseId: string;
    readonly joinedAt: string | null;
    readonly lessons: readonly LessonProgress[];
  }[];
  readonly cursor: string;
  readonly hasMore: boolean;
}

/** The most that the server takes at once. */
const MAX_BATCH = 500;

const FIRST_RETRY_MS = 1000;
const LAST_RETRY_MS = 5 * 60_000;

/** Opens the queue that a storage holds; a new one where it holds none. One queue at a time may be open on a storage. */
export async function openProgressQueue(options: QueueOptions): Promise<ProgressQueue> {
  const { storage, baseUrl, accessToken, onRejected = () => undefined } = options;
  const send = options.fetch ?? ((url, init) => fetch(url, init));
  const now = options.now ?? Date.now;
  const monotonic = options.monotonic ?? (() => performance.now());
  const newId = options.newId ?? (() => crypto.randomUUID());
  const random = options.random ?? Math.random;
  const schedule = options.schedule ?? scheduleByTimer;

  const text = await storage.load();
  const kept: Kept = text === null ? { events: [], known: {}, cursor: null } : (JSON.parse(text) as Kept);
  /** When the events of this run happened, by the clock that nobody sets. */
  const recordedAt = new Map<string, number>();
  let saving = Promise.resolve();
  let syncing: Promise<void> | undefined;
  let batchSize = MAX_BATCH;
  let failures = 0;
  let cancel: (() => void) | undefined;
  let running = false;

  /** One after the other, so that an older text never takes the place of a newer one. */
  function save(): Promise<void> {
    const saved = saving.then(() => storage.save(JSON.stringify(kept)));
    saving = saved.catch(() => undefined);
    return saved;
  }

  /**
   * When each event happened, by the clock as it is now. Of this run their age is known, however the clock was set since;
   * of former runs there is only what the clock showed, and that they came before those that follow in the queue.
   */
  function timesOf(events: readonly QueuedEvent[], sentAt: number): number[] {
    const ticks = monotonic();
    const times: number[] = [];
    let latest = sentAt;
    for (const { eventId, clockMs } of events.toReversed()) {
      const tick = recordedAt.get(eventId);
      latest = Math.min(latest, tick === undefined ? clockMs : sentAt - (ticks - tick));
      times.unshift(latest);
    }
    return times;
  }

  async function request(path: string, init: RequestInit = {}): Promise<Response> {
    for (const renewed of [false, true]) {
      const headers = { ...init.headers, Authorization: `Bearer ${await accessToken(renewed)}` };
      const response = await send(`${baseUrl}${path}`, { ...init, headers }).catch((cause: unknown) => {
        throw new SyncFailure('The server cannot be reached', 0, { cause });
      });
      if (response.status !== 401) return response;
    }
    throw new SyncFailure('The learner has to sign in again');
  }

  async function syncBatch(): Promise<void> {
    const batch = kept.events.slice(0, batchSize);
    const sentAt = now();
    // Of all events, since one that is not sent yet may say that those before it are older than their clock shows.
    const times = timesOf(kept.events, sentAt);
    const response = await request('/progress/sync', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({
        sentAt: new Date(sentAt).toISOString(),
        events: batch.map(({ clockMs: _, ...event }, index) => ({
          ...event,
          occurredAt: new Date(times[index] ?? sentAt).toISOString(),
        })),
      }),
    });
    if (response.status === 200) {
      const { results } = (await answerOf(response)) as SyncAnswer;
      for (const [index, { status, lesson, problem }] of results.entries()) {
        const event = batch[index];
        if (event === undefined) continue;
        if (lesson !== null) kept.known[keyOf(event)] = lesson;
        if (status === 'rejected') onRejected(event, problem);
      }
      await forget(batch.slice(0, results.length));
      batchSize = MAX_BATCH;
    } else if (response.status === 400 || response.status === 413) {
      // Something in it the server cannot read at all: the smaller the batch, the more of the others get through.
      if (batch.length > 1) batchSize = Math.ceil(batch.length / 2);
      else {
        for (const event of batch) onRejected(event, await answerOf(response));
        await forget(batch);
      }
    } else throw failureOf(response);
  }

  async function forget(events: readonly QueuedEvent[]): Promise<void> {
    const done = new Set(events.map(({ eventId }) => eventId));
    kept.events = kept.events.filter(({ eventId }) => !done.has(eventId));
    for (const eventId of done) recordedAt.delete(eventId);
    await save();
  }

  async function syncAll(): Promise<void> {
    while (kept.events.length > 0) await syncBatch();
  }

  function sync(): Promise<void> {
    syncing ??= syncAll().finally(() => {
      syncing = undefined;
    });
    return syncing;
  }

  function wake(delayMs: number): void {
    cancel?.();
    cancel = schedule(() => {
      sync().then(
        () => {
          failures = 0;
        },
        (error: unknown) => {
          failures += 1;
          if (running) wake(retryDelay(error instanceof SyncFailure ? error.retryAfterMs : 0));
        },
      );
    }, delayMs);
  }

  /** Between half and all of a time that doubles: devices that failed together do not come back together. */
  function retryDelay(retryAfterMs: number): number {
    const backOff = Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** (failures - 1)) * (0.5 + random() / 2);
    return Math.max(retryAfterMs, backOff);
  }

  return {
    sync,
    pending: () => kept.events.length,

    async record(fact) {
      const event = { ...fact, eventId: newId(), clockMs: now() };
      kept.events.push(event);
      recordedAt.set(event.eventId, monotonic());
      await save();
      if (running && failures === 0) wake(0);
    },

    async pull() {
      let hasMore = true;
      while (hasMore) {
        const since = kept.cursor === null ? '' : `?since=${kept.cursor}`;
        const response = await request(`/progress${since}`);
        if (response.status !== 200) throw failureOf(response);
        const page = (await answerOf(response)) as FeedAnswer;
        for (const { courseId, joinedAt, lessons } of page.items) {
          if (joinedAt === null) forgetCourse(kept.known, courseId);
          for (const lesson of lessons) kept.known[keyOf({ courseId, lessonId: lesson.lessonId })] = lesson;
        }
        kept.cursor = page.cursor;
        await save();
        hasMore = page.hasMore;
      }
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

function failureOf(response: Response): SyncFailure {
  const seconds = Number(response.headers.get('Retry-After') ?? 0);
  return new SyncFailure(`The server answered ${response.status}`, Number.isFinite(seconds) ? seconds * 1000 : 0);
}

/** A reply that breaks off is a reply that did not come. */
function answerOf(response: Response): Promise<unknown> {
  return response.json().catch((cause: unknown) => {
    throw new SyncFailure('The answer broke off', 0, { cause });
  });
}

function scheduleByTimer(callback: () => void, delayMs: number): () => void {
  const timer = setTimeout(callback, delayMs);
  return () => clearTimeout(timer);
}
