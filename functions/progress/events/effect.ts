import { limitsOf } from '../learner/lesson-limits.ts';
import type { OutlineLesson } from '../learner/outline-repository.ts';
import { eventIdentity } from './event-identity.ts';
import type { LessonEffect } from './merge.ts';

/** What an event says about its lesson. */
export interface LessonEvent {
  readonly eventId: string;
  readonly position?: number;
  readonly completed?: boolean;
  /** How much the device played since its previous event of the lesson. Missing if its app does not measure that. */
  readonly playedSeconds?: number;
}

/**
 * Returns the lesson registers that an event alone would give.
 * @param at when the event happened, by the server's clock
 * @param lesson as the course has it now. Null for one that was removed; then no position completes it.
 */
export function effectOf(event: LessonEvent, at: Date, lesson: OutlineLesson | null): LessonEffect {
  const { eventId, position, completed } = event;
  const by = eventIdentity(eventId);
  const playedMs = playedMsOf(event);
  // If nothing was played, a position shows only where the slider is.
  const covered = playedMs === 0 ? undefined : position;
  const coversEnd = isAtEnd(covered, lesson);
  // What the learner says explicitly wins over the position.
  const done = completed ?? (coversEnd && playedMs === null ? true : null);
  const isReached = coversEnd && playedMs !== null && completed === undefined;
  return {
    position: position === undefined ? null : { at, by, value: position },
    furthest: covered === undefined ? null : { value: covered, by },
    completion: done === null ? null : { at, by, completed: done },
    firstCompletion: done === true ? { at, by } : null,
    reached: isReached ? { at, by, completed: true } : null,
    firstReached: isReached ? { at, by } : null,
    unmeasured: playedMs === null ? (position ?? 0) : 0,
  };
}

/** Tells whether a position is at the end of a lesson. In a lesson that the course no longer has, none is. */
export function isAtEnd(position: number | undefined, lesson: OutlineLesson | null): boolean {
  return position !== undefined && lesson !== null && position >= limitsOf(lesson).completedFrom;
}

/** Returns the playing time of an event in whole milliseconds. Null if it does not say. */
export function playedMsOf({ playedSeconds }: Pick<LessonEvent, 'playedSeconds'>): number | null {
  return playedSeconds === undefined ? null : Math.round(playedSeconds * 1000);
}
