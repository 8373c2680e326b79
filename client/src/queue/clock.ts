import type { QueuedEvent } from './event.ts';
import type { Contact } from './piece.ts';

/** A clock before this was never set, and the server rejects such times. */
const EARLIEST_MS = Date.UTC(2000, 0, 1);
/** The last time that has the form of a time. */
const LATEST_MS = Date.UTC(9999, 11, 31);

/** `Date` has whole seconds and travels with the answer. A clock that is off by no more counts as right. */
const TOLERANCE_MS = 3000;

export interface Clock {
  /** The device's clock. */
  now(): number;
  /** Milliseconds since any start, which never go back and include sleep. */
  elapsed(): number;
  /** The server's clock. Null until an answer of this run has told it. */
  serverNow(): number | null;
  /** Learns from the date of an answer, whose request was sent at `sentAt` of `elapsed`. */
  learn(dateMs: number, sentAt: number): Contact;
}

export function openClock(deviceNow: () => number, ticks: () => number): Clock {
  let lead = Number.NEGATIVE_INFINITY;
  /** The server's clock, ahead of `elapsed`. */
  let ahead: number | undefined;
  const now = () => Math.min(deviceNow(), LATEST_MS);

  // While a device sleeps, its monotonic clock usually stops, so the wall clock gets further ahead of it than ever before. If
  // the wall clock is set back, its lead shrinks.
  function elapsed(): number {
    const tick = ticks();
    lead = Math.max(lead, now() - tick);
    return tick + lead;
  }

  return {
    now,
    elapsed,
    serverNow: () => (ahead === undefined ? null : elapsed() + ahead),
    learn(dateMs, sentAt) {
      const arrivedAt = elapsed();
      const shown = now();
      const roundTripMs = arrivedAt - sentAt;
      const told = dateMs + 500 + roundTripMs / 2;
      const isSame = ahead !== undefined && Math.abs(arrivedAt + ahead - told) <= Math.max(TOLERANCE_MS, roundTripMs);
      if (!isSame) ahead = (Math.abs(told - shown) <= TOLERANCE_MS ? shown : told) - arrivedAt;
      const serverMs = arrivedAt + (ahead ?? 0);
      return { serverMs, aheadMs: serverMs - shown };
    },
  };
}

/** The time, and when events happened, by id. */
export type Times = readonly [now: number, occurredAt: Map<string, number>];

/** An event with its age, if it is of this run: then it is known, even if the clock was set since. */
export interface Dated {
  readonly event: QueuedEvent;
  readonly recordedAt?: number | undefined;
}

/**
 * Returns the server's time and when events happened, as far as one can tell before the server has told its clock in this run:
 * the device's is probably as far off as at the last contact.
 * @param events in the order in which they happened
 */
export function guessTimes(events: readonly Dated[], clock: Clock, contact: Contact | null): Times {
  const { aheadMs = 0 } = contact ?? {};
  const [now, elapsed] = [clock.now() + aheadMs, clock.elapsed()];
  const times = inOrder(events, now, ({ event: { serverMs, clockMs }, recordedAt }) =>
    recordedAt === undefined ? (serverMs ?? clockMs + aheadMs) : now - (elapsed - recordedAt),
  );
  return [now, times];
}

/**
 * Returns when events happened, by the server's clock. Of events of earlier runs only the device's clock is known. It was
 * probably as far off as at the last contact before them (`earlier`), unless that gives a time before that contact or after
 * now; then as far as it is at this contact.
 */
export function serverTimes(
  events: readonly Dated[],
  clock: Clock,
  earlier: Contact | null,
  { serverMs, aheadMs }: Contact,
): Map<string, number> {
  const elapsed = clock.elapsed();
  return inOrder(events, serverMs, ({ event, recordedAt }) => {
    if (event.serverMs !== undefined) return event.serverMs;
    if (recordedAt !== undefined) return serverMs - (elapsed - recordedAt);
    const asBefore = event.clockMs + (earlier?.aheadMs ?? 0);
    const isPossible =
      earlier !== null && asBefore >= earlier.serverMs - TOLERANCE_MS && asBefore <= serverMs + TOLERANCE_MS;
    return isPossible ? asBefore : event.clockMs + aheadMs;
  });
}

/** No event is later than the next one, nor than now. One from a clock that was never set was at the time of the next. */
function inOrder(events: readonly Dated[], now: number, timeOf: (dated: Dated) => number): Map<string, number> {
  const times = new Map<string, number>();
  let latest = now;
  for (const dated of [...events].reverse()) {
    const time = timeOf(dated);
    if (time >= EARLIEST_MS) latest = Math.min(latest, time);
    times.set(dated.event.eventId, latest);
  }
  return times;
}

/** Returns a time as the learner's clock shows it, with the offset from UTC, by which the server knows the learner's day. */
export function localTime(ms: number, zone: number): string {
  const minutes = Math.abs(zone);
  const two = (n: number) => String(Math.floor(n)).padStart(2, '0');
  const local = new Date(ms - zone * 60_000).toISOString().slice(0, -1);
  return `${local}${zone > 0 ? '-' : '+'}${two(minutes / 60)}:${two(minutes % 60)}`;
}
