import type { LessonRegisters } from '../../../shared/db/collections.ts';
import type { OutlineLesson } from '../learner/outline-repository.ts';
import { eventIdentity } from './event-identity.ts';

/** What an event says about its lesson. */
export interface LessonEvent {
  readonly eventId: string;
  readonly position?: number;
  readonly completed?: boolean;
}

/** The share of a lesson that a position must reach to complete it. */
const COMPLETION_THRESHOLD = 0.95;

/**
 * Returns the lesson registers that an event alone would give.
 * @param at when the event happened, by the server's clock
 * @param lesson as the course has it now. Null for one that was removed; then no position completes it.
 */
export function effectOf(
  { eventId, position, completed }: LessonEvent,
  at: Date,
  lesson: OutlineLesson | null,
): LessonRegisters {
  const by = eventIdentity(eventId);
  const isThresholdReached = position !== undefined && lesson !== null && reachesThreshold(position, lesson);
  // What the learner says explicitly wins over the position.
  const done = completed ?? (isThresholdReached ? true : null);
  return {
    position: position === undefined ? null : { at, by, value: position },
    furthest: position === undefined ? null : { value: position, by },
    completion: done === null ? null : { at, by, completed: done },
    firstCompletion: done === true ? { at, by } : null,
  };
}

function reachesThreshold(position: number, { kind, durationSeconds }: OutlineLesson): boolean {
  if (kind === 'article') return position >= COMPLETION_THRESHOLD;
  return durationSeconds !== null && durationSeconds > 0 && position >= COMPLETION_THRESHOLD * durationSeconds;
}
