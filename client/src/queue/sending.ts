import { type Answer, isObject } from '../platform/http.ts';
import { type Clock, guessTimes, localTime, serverTimes, type Times } from './clock.ts';
import type { LessonProgress, QueuedEvent } from './event.ts';
import type { Contact } from './piece.ts';
import { failureOf, isProblem, type Send } from './requests.ts';
import { change, type Entry, entriesIn, keyOf, knownFacet, type QueueState } from './state.ts';

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

/** The server's limit. With the longest names, a batch has about 160 KiB, and the server accepts 256. */
const MAX_BATCH = 500;
/** Accepted events to keep: hours of playing, in 100 KB of storage. */
const MAX_ACCEPTED = 500;

/** Unless the app calls `sync`, a refused event waits this long. */
export const REFUSED_WAIT_MS = 3600_000;
/** A refused event that is older than this is given up. */
const REFUSED_AGE_MS = 30 * 24 * 3600_000;

export interface SendingOptions {
  readonly state: QueueState;
  readonly clock: Clock;
  readonly request: Send;
  readonly save: () => Promise<void>;
  readonly onRejected: (event: QueuedEvent, problem: unknown) => void;
  readonly onChange: () => void;
}

export interface Sending {
  /** Sends all events that are due, oldest first. */
  sendAll(): Promise<void>;
  /** On such a slow network, a smaller batch may get through. */
  halve(): void;
  /** Learns the server's clock from the date of an answer, and with it when events happened. */
  learn(dateMs: number, sentAt: number): void;
}

/** The events to send, oldest first. */
export function unsentIn(state: QueueState): Entry[] {
  return entriesIn(state, 'events', 'repeated');
}

export function openSending(options: SendingOptions): Sending {
  const { state, clock, request, save, onRejected, onChange } = options;
  let batchSize = MAX_BATCH;
  /** The last contact of an earlier run. */
  const { contact: earlier } = state;

  function dueEntries(): Entry[] {
    return unsentIn(state).filter(
      ({ refusedAt }) => refusedAt === undefined || clock.elapsed() - refusedAt >= REFUSED_WAIT_MS,
    );
  }

  /** Returns the time, and when all events happened: one outside a batch may show that earlier ones are older than they say. */
  function times(): Times {
    const entries = unsentIn(state);
    const now = clock.serverNow();
    if (now === null || state.contact === null) return guessTimes(entries, clock, state.contact);
    return [now, serverTimes(entries, clock, earlier, { ...state.contact, serverMs: now })];
  }

  /** Returns the body of a batch that is sent now: each attempt has new times. */
  function bodyOf(batch: readonly Entry[]): string {
    const [sentAt, occurredAt] = times();
    return JSON.stringify({
      sentAt: new Date(sentAt).toISOString(),
      events: batch.map(({ event }) => {
        const { eventId, courseId, lessonId, position, completed, playedSeconds } = event;
        const at = occurredAt.get(eventId) ?? sentAt;
        const zone = event.zone ?? new Date(at).getTimezoneOffset();
        return { eventId, courseId, lessonId, position, completed, playedSeconds, occurredAt: localTime(at, zone) };
      }),
    });
  }

  async function take(batch: readonly Entry[], answer: Answer): Promise<void> {
    const { status, body } = answer;
    if (status === 200 && isSyncAnswer(body, batch.length)) {
      batchSize = Math.min(MAX_BATCH, batchSize * 2);
      await settle(batch, body.results);
    } else if ((status === 400 || status === 413) && batch.length > 1) {
      // The server cannot read something in it. In smaller batches, the other events get through.
      batchSize = Math.ceil(batch.length / 2);
    } else if ((status === 400 || status === 413) && isProblem(body) && !JSON.stringify(body).includes('/sentAt')) {
      await settle(batch, [{ status: 'rejected', lesson: null, problem: body }]);
    } else throw failureOf(answer);
  }

  async function settle(batch: readonly Entry[], results: SyncAnswer['results']): Promise<void> {
    const rejected: [QueuedEvent, unknown][] = [];
    const [now, occurredAt] = times();
    for (const [index, entry] of batch.entries()) {
      const { event } = entry;
      const { lesson, status, final, problem } = results[index] ?? { lesson: null, status: 'applied' };
      if (lesson) {
        state.known[keyOf(event)] = lesson;
        state.unsaved.add(knownFacet(keyOf(event)));
      }
      if (status !== 'rejected') {
        const { problem: _, ...accepted } = event;
        change(state, entry, { stage: 'accepted', event: accepted });
      } else if (final === false && now - (occurredAt.get(event.eventId) ?? now) < REFUSED_AGE_MS) {
        change(state, entry, { refusedAt: clock.elapsed(), event: { ...event, problem } });
      } else {
        change(state, entry, {});
        state.entries.delete(event.eventId);
        state.rejected.add(event.eventId);
        rejected.push([event, problem]);
      }
    }
    for (const entry of entriesIn(state, 'accepted').slice(0, -MAX_ACCEPTED)) {
      change(state, entry, {});
      state.entries.delete(entry.event.eventId);
    }
    // The app learns of each rejection before that is stored. Errors of the app do not restore the events.
    try {
      for (const [event, problem] of rejected) onRejected(event, problem);
    } finally {
      await save();
    }
    onChange();
  }

  return {
    async sendAll() {
      while (dueEntries().length > 0) {
        // Events of earlier runs are dated by the server's clock, which may differ from the device's by now.
        const needsClock = earlier !== null && clock.serverNow() === null && dueEntries().some(isEarlier);
        if (needsClock)
          await request(
            async () => ['/progress?limit=1'],
            async (answer) => expectTime(answer, clock),
          );
        let batch: Entry[] = [];
        await request(
          async () => {
            batch = dueEntries().slice(0, batchSize);
            return batch.length === 0 ? null : ['/progress/sync', bodyOf(batch)];
          },
          (answer) => take(batch, answer),
        );
      }
    },
    halve() {
      batchSize = Math.ceil(batchSize / 2);
    },
    learn(dateMs, sentAt) {
      const isFirst = clock.serverNow() === null;
      const contact: Contact = clock.learn(dateMs, sentAt);
      if (isFirst) {
        const occurredAt = serverTimes(unsentIn(state), clock, earlier, contact);
        for (const entry of unsentIn(state)) {
          const { event } = entry;
          const serverMs = occurredAt.get(event.eventId);
          if (event.serverMs === undefined && serverMs !== undefined) {
            change(state, entry, { event: { ...event, serverMs } });
          }
        }
      }
      state.contact = contact;
      state.unsaved.add('rest');
    },
  };
}

function isEarlier({ recordedAt }: Entry): boolean {
  return recordedAt === undefined;
}

function expectTime(answer: Answer, clock: Clock): void {
  if (clock.serverNow() === null && answer.status !== 200) throw failureOf(answer);
}

/*
 * Something else may answer in place of the server, such as a hotel's sign-in page or a proxy. So answers are recognized by
 * their form.
 */
function isSyncAnswer(body: unknown, events: number): body is SyncAnswer {
  return isObject(body) && Array.isArray(body['results']) && body['results'].length === events;
}
