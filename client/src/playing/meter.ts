import { ticks } from '../platform/clocks.ts';

/** The part of a progress queue that playing uses. */
export interface ProgressRecorder {
  record(fact: {
    readonly courseId: string;
    readonly lessonId: string;
    readonly position: number;
    readonly playedSeconds: number;
  }): Promise<unknown>;
  lesson(courseId: string, lessonId: string): { readonly position: number; readonly completed: boolean };
}

export interface MeterOptions {
  readonly queue: Pick<ProgressRecorder, 'record'>;
  readonly courseId: string;
  readonly lessonId: string;
  /** Where playing starts, in seconds. By default at the beginning. */
  readonly position?: number;
  /** Called when the queue could not record. */
  readonly onError?: ((error: unknown) => void) | undefined;
  readonly monotonic?: (() => number) | undefined;
}

/** Measures what is played, and records it. Positions are in seconds of the recording. */
export interface Meter {
  /** Tells where the player is. Call it about every second, and whenever the player starts, stops or changes its rate. */
  progress(position: number, isPlaying: boolean, rate?: number): void;
  /** Tells that the learner moved to a position. */
  seeked(position: number): void;
  /** Records what was not yet recorded. Call it at the end, when the app goes to the background, and on leaving. */
  leave(): void;
}

/** A crash loses at most this much. */
const RECORD_EVERY_SECONDS = 15;

/** How much further than its clock a player may get, because it tells its position late. A longer step is a seek. */
const TOLERANCE_SECONDS = 1;

/**
 * Creates a meter for one lesson, such as for a player without a media element. It also notices seeks that it is not told
 * of, such as from a lock screen: nothing plays faster than its rate.
 */
export function createMeter({
  queue,
  courseId,
  lessonId,
  position = 0,
  onError,
  monotonic = ticks,
}: MeterOptions): Meter {
  let last = position;
  let lastMs = monotonic();
  let lastRate = 1;
  /** Undefined before the player told anything. */
  let isPlaying: boolean | undefined;
  let played = 0;
  /** Whether the learner moved to the last position, and nothing was recorded since. */
  let isMoved = false;

  function leave(): void {
    const playedSeconds = toMilliseconds(played);
    if (playedSeconds === 0 && !isMoved) return;
    played -= playedSeconds;
    isMoved = false;
    const recorded = queue.record({ courseId, lessonId, position: toMilliseconds(last), playedSeconds });
    recorded.catch((error: unknown) => onError?.(error));
  }

  function moveTo(seconds: number): void {
    if (seconds === last) return;
    // The position before a seek, but not each one that the slider passes.
    if (toMilliseconds(played) > 0) leave();
    last = seconds;
    isMoved = true;
  }

  return {
    progress(seconds, isPlayingNow, rate = 1) {
      const ms = monotonic();
      const step = seconds - last;
      const longest = ((ms - lastMs) / 1000) * Math.max(rate, lastRate) + TOLERANCE_SECONDS;
      if (isPlaying && step >= 0 && step <= longest) {
        if (isMoved && step > 0) leave();
        played += step;
        last = seconds;
      } else if (isPlaying === undefined && Math.abs(step) <= TOLERANCE_SECONDS) last = seconds;
      else moveTo(seconds);
      if (played >= RECORD_EVERY_SECONDS * rate || (isPlaying && !isPlayingNow)) leave();
      lastMs = ms;
      lastRate = rate;
      isPlaying = isPlayingNow;
    },
    seeked(seconds) {
      moveTo(seconds);
      lastMs = monotonic();
    },
    leave,
  };
}

/** Progress counts in whole milliseconds. */
function toMilliseconds(seconds: number): number {
  return Math.round(seconds * 1000) / 1000;
}
