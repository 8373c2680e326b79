import { backoffMs } from './platform/backoff.ts';
import { ticks } from './platform/clocks.ts';
import { type AccessToken, type Fetch, RequestFailed } from './platform/http.ts';
import { withLock } from './platform/locks.ts';
import { newUuid } from './platform/new-id.ts';
import { byTimer, type Schedule } from './platform/time-limit.ts';
import { WrongAccount } from './queue/account.ts';
import { openClock } from './queue/clock.ts';
import {
  idAfter,
  type LessonProgress,
  newLesson,
  type ProgressFact,
  type QueuedEvent,
  withEvent,
} from './queue/event.ts';
import { openPulling } from './queue/pulling.ts';
import { openRequests } from './queue/requests.ts';
import { openSending, REFUSED_WAIT_MS, unsentIn } from './queue/sending.ts';
import { entriesIn, keyOf, newState } from './queue/state.ts';
import { openStore, type QueueStorage, type Unreadable } from './queue/store.ts';
import type { KeyValueStorage } from './storage.ts';

/*
 * Stores what a learner does on a device until the server has it. Runs in browsers, in React Native, and wherever `fetch`
 * exists. docs/progress.md describes the server's side.
 */

export type { LessonProgress, ProgressFact, QueuedEvent, QueueStorage, Unreadable };
/** A sync or a pull failed: the server could not be reached, or something else answered in its place. */
export { RequestFailed as SyncFailure, WrongAccount };

export interface QueueOptions {
  /** Such as `https://api.example.com/v1`. */
  readonly baseUrl: string;
  /** Returns the access token. Called with `renewed` after the server has refused the previous one. */
  readonly accessToken: AccessToken;
  /**
   * Where events are stored: `localStorage` or `AsyncStorage` as they are, for which `userId` is required, or any storage of
   * one text. All tabs and queues on the same storage share what is in it.
   */
  readonly storage: QueueStorage | KeyValueStorage;
  /** The learner's id. Without it, the queue belongs to the learner of the first access token that it gets. */
  readonly userId?: string;
  /**
   * Called with an event that the server will never accept, or has not accepted for 30 days. It is no longer in the queue.
   * After a crash it may be called again.
   */
  readonly onRejected?: (event: QueuedEvent, problem: unknown) => void;
  /** Called after news from the server or from another tab, which may change the result of `lesson`. */
  readonly onChange?: () => void;
  /** Called with a stored text that cannot be read, such as one that was cut off. The queue goes on without it. */
  readonly onUnreadable?: (text: Unreadable) => void;
  readonly fetch?: Fetch;
  readonly now?: () => number;
  /** Milliseconds since any start, unaffected by changes of the clock. May stop while the device sleeps. */
  readonly monotonic?: () => number;
  /** A random UUID. */
  readonly newId?: () => string;
  readonly random?: () => number;
  /** Calls back after `delayMs`, and returns a function that cancels it. */
  readonly schedule?: Schedule;
}

/** An event that the server refuses for now, and why. */
export interface Refused {
  readonly event: QueuedEvent;
  readonly problem: unknown;
}

export interface ProgressQueue {
  /**
   * Stores what happened just now. Once this resolves, the event is safe, online or offline. If it rejects, the storage has
   * failed: the event is sent all the same, and stored with the next one, but lost if the app ends before.
   */
  record(fact: ProgressFact): Promise<void>;
  /**
   * Sends all events, oldest first. Events that the server refuses, but may accept later, stay in the queue.
   * @throws SyncFailure if the server cannot be reached or does not answer. Nothing is lost, and a later call continues.
   * @throws WrongAccount if the app's token is of another learner. Nothing is sent.
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
  /** Returns those of them that the server has refused for now, for example because access was not paid for yet. */
  refused(): Refused[];
  /** Syncs after each event. Retries after failures, with increasing delays. Sends refused events again after an hour. */
  start(): void;
  /**
   * Ends the queue for good, for example when the learner signs out: no further request begins. What is recorded after that is
   * stored, and sent when the learner's queue is opened again.
   */
  stop(): void;
}

const LAST_RETRY_MS = 5 * 60_000;

/**
 * Opens the queue of a learner in a storage, or a new one if there is none.
 * @throws WrongAccount if the storage of one text has the queue of another learner than `userId`
 */
export async function openProgressQueue(options: QueueOptions): Promise<ProgressQueue> {
  const { storage, baseUrl, accessToken, userId, onChange = () => undefined } = options;
  const newId = options.newId ?? newUuid;
  const random = options.random ?? Math.random;
  const schedule = options.schedule ?? byTimer;
  const clock = openClock(options.now ?? Date.now, options.monotonic ?? ticks);
  if ('getItem' in storage && userId === undefined) throw new TypeError('This storage needs userId');

  const prefix = `lectern/progress/${userId}`;
  // Without an account, there is no name that all tabs know.
  const scope = userId === undefined ? `lectern/progress/${newId()}` : prefix;
  const inTurn = <T>(name: string, work: () => Promise<T>) => withLock(`${scope}/${name}`, work);
  const state = newState(userId ?? null);
  const store = await openStore(state, {
    ...{ storage, prefix, inTurn, onNews: onChange },
    onUnreadable: options.onUnreadable ?? (() => undefined),
  });
  const { save } = store;

  let isRunning = false;
  let isStopped = false;
  let failures = 0;
  let lastId = '';
  let syncing: Promise<void> | undefined;
  let cancel: () => void = () => undefined;

  const request = openRequests({
    ...{ baseUrl, accessToken, state, clock, inTurn, save },
    send: options.fetch ?? ((url, init) => fetch(url, init)),
    schedule: (callback, delayMs) =>
      schedule(() => {
        sending.halve();
        callback();
      }, delayMs),
    isStopped: () => isStopped,
    onDate: (dateMs, sentAt) => sending.learn(dateMs, sentAt),
  });
  const sending = openSending({
    ...{ state, clock, request, save, onChange },
    onRejected: options.onRejected ?? (() => undefined),
  });
  const pullAll = openPulling({ state, request, save, sendAll: sending.sendAll, onChange });

  function sync(): Promise<void> {
    syncing ??= syncAll()
      .then(
        () => {
          failures = 0;
          if (unsentIn(state).length > 0) wake(REFUSED_WAIT_MS);
        },
        (error: unknown) => {
          // When the learner has signed out, or somebody else in, only the next event or the app tries again.
          const isOver = error instanceof WrongAccount || (error as Error | null)?.name === 'SignedOut';
          failures = isOver ? 0 : failures + 1;
          const retryAfterMs = error instanceof RequestFailed ? error.retryAfterMs : 0;
          if (failures > 0) wake(backoffMs(failures, LAST_RETRY_MS, retryAfterMs, random()));
          throw error;
        },
      )
      .finally(() => {
        syncing = undefined;
      });
    return syncing;
  }

  async function syncAll(): Promise<void> {
    if (isStopped) throw new RequestFailed('The queue was stopped');
    // What other tabs have recorded. A storage that fails does not keep events from the server.
    await save().catch(() => undefined);
    await sending.sendAll();
  }

  function wake(delayMs: number): void {
    cancel();
    if (!isRunning) return;
    // `sync` schedules its own retry.
    cancel = schedule(() => void sync().catch(() => undefined), delayMs);
  }

  return {
    sync() {
      // The app knows best when it may have changed: it came to the front, or the learner paid.
      for (const entry of unsentIn(state)) delete entry.refusedAt;
      return sync();
    },
    async pull() {
      await sync();
      await pullAll();
    },
    pending: () => entriesIn(state, 'events').length,
    refused: () =>
      unsentIn(state).flatMap(({ event }) => (event.problem === undefined ? [] : [{ event, problem: event.problem }])),

    async record(fact) {
      const clockMs = clock.now();
      for (const id of state.entries.keys()) if (id > lastId) lastId = id;
      lastId = idAfter(lastId, clockMs, newId());
      const serverMs = clock.serverNow();
      const event: QueuedEvent = {
        ...fact,
        eventId: lastId,
        clockMs,
        zone: new Date(clockMs).getTimezoneOffset(),
        ...(serverMs !== null && { serverMs }),
      };
      const cell = store.cellForEvent();
      state.entries.set(lastId, { event, stage: 'events', cell, recordedAt: clock.elapsed() });
      state.unsaved.add(`e${cell}`);
      await save();
      if (failures === 0) wake(0);
    },

    lesson(courseId, lessonId) {
      // Some members are missing in lessons that were stored before they existed.
      const start = { ...newLesson(lessonId), ...state.known[keyOf({ courseId, lessonId })] };
      return entriesIn(state, 'events')
        .map(({ event }) => event)
        .filter((event) => event.courseId === courseId && event.lessonId === lessonId)
        .reduce(withEvent, start);
    },

    start() {
      isRunning = !isStopped;
      if (unsentIn(state).length > 0) wake(0);
    },

    stop() {
      isRunning = false;
      isStopped = true;
      cancel();
    },
  };
}
