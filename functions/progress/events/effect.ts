import type { LessonRegisters } from '../../../shared/db/collections.ts';
import type { OutlineLesson } from '../learner/learner-repository.ts';

/** What one event says, once its place and time are known. */
export interface ReportedEvent {
  readonly eventId: string;
  readonly position?: number;
  readonly completed?: boolean;
}

/** How much of a lesson has to be reached for it to count as done. */
const COMPLETE_FROM = 0.95;

/**
 * What a lesson would be if this event were all that is known of it.
 * @param at when it happened, by our clock
 * @param lesson as the course has it now; null for one that it has no more, which no position completes
 */
export function claimOf(
  { eventId, position, completed }: ReportedEvent,
  at: Date,
  lesson: OutlineLesson | null,
): LessonRegisters {
  const by = eventIdentity(eventId);
  const reached = position !== undefined && lesson !== null && reachesTheEnd(position, lesson);
  // What the learner says outright counts, wherever in the lesson they are.
  const done = completed ?? (reached ? true : null);
  return {
    position: position === undefined ? null : { at, by, value: position },
    furthest: position === undefined ? null : { value: position, by },
    completion: done === null ? null : { at, by, completed: done },
    firstCompletion: done === true ? { at, by } : null,
  };
}

/** An event id in the one form it is compared in: a UUID means the same in either case (RFC 9562 section 4). */
export function eventIdentity(eventId: string): string {
  return eventId.toLowerCase();
}

function reachesTheEnd(position: number, { kind, durationSeconds }: OutlineLesson): boolean {
  if (kind === 'article') return position >= COMPLETE_FROM;
  return durationSeconds !== null && durationSeconds > 0 && position >= COMPLETE_FROM * durationSeconds;
}
