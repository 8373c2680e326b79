import { canRead } from '../../../shared/access/can-read.ts';
import type { LessonRegisters } from '../../../shared/db/collections.ts';
import { type Problem, problem } from '../../../shared/http/problem.ts';
import type { Learner, OutlineLesson } from '../learner/learner-repository.ts';
import type { DeviceClock } from './device-clock.ts';
import { claimOf, type ReportedEvent } from './effect.ts';
import { eventDigest } from './event-digest.ts';

/** An event as a device reports it, its form checked. */
export interface ProgressEvent extends ReportedEvent {
  readonly courseId: string;
  readonly lessonId: string;
  readonly occurredAt: string;
}

/** What is to be done about an event. */
export type Judgement =
  | { readonly kind: 'accepted'; readonly at: Date; readonly claim: LessonRegisters }
  | { readonly kind: 'duplicate' }
  /** From before the learner left the course. */
  | { readonly kind: 'outdated' }
  | { readonly kind: 'rejected'; readonly fault: Problem; readonly lessonExists: boolean };

/** A player may report a little more than the duration it was told: by rounding, or a last frame. */
const POSITION_TOLERANCE_SECONDS = 5;

/** Nothing was learned here before; a time like this comes from a clock that was never set. */
const EARLIEST = Date.UTC(2000, 0, 1);

/**
 * Judges one event by what is known of its course and learner.
 * @param pointer to the event in the body of the request, for faults in it
 */
export function judge(
  event: ProgressEvent,
  { account, courses, grants, progress }: Pick<Learner, 'account' | 'courses' | 'grants' | 'progress'>,
  clock: DeviceClock,
  { pointer, now }: { readonly pointer: string; readonly now: Date },
): Judgement {
  const known = progress.get(event.courseId);
  // Before anything else: what was taken once is settled, whatever became of the course since.
  if (known?.recentEvents.includes(eventDigest(event.eventId))) return { kind: 'duplicate' };

  const course = courses.get(event.courseId);
  if (course === undefined) return rejected('not-found', 'There is no such course.');
  if (!canRead(course.access, account, grants.get(event.courseId) ?? null, now)) {
    return rejected('forbidden', 'This account may not read the course.');
  }
  const lesson = course.outline.lessons.find(({ id }) => id === event.lessonId) ?? null;
  if (lesson === null && !course.everPublishedLessonIds.includes(event.lessonId)) {
    return rejected('not-found', 'The course has no such lesson.');
  }

  const at = clock(new Date(event.occurredAt));
  if (!(at.getTime() >= EARLIEST)) return invalid(`${pointer}/occurredAt`, 'must be a time that can have been');
  const fault = positionFault(event.position, lesson);
  if (fault !== undefined) return invalid(`${pointer}/position`, fault);

  if (known?.leftAt != null && at <= known.leftAt) return { kind: 'outdated' };
  return { kind: 'accepted', at, claim: claimOf(event, at, lesson) };
}

function positionFault(position: number | undefined, lesson: OutlineLesson | null): string | undefined {
  if (position === undefined || lesson === null) return undefined;
  const { kind, durationSeconds } = lesson;
  if (kind === 'article') return position > 1 ? 'must be a fraction, 0 to 1' : undefined;
  if (durationSeconds === null || position <= durationSeconds + POSITION_TOLERANCE_SECONDS) return undefined;
  return `must not be beyond the duration of the lesson, ${durationSeconds} s`;
}

function rejected(code: 'not-found' | 'forbidden', detail: string): Judgement {
  return { kind: 'rejected', fault: problem(code, { detail }), lessonExists: false };
}

function invalid(pointer: string, message: string): Judgement {
  const errors = [{ in: 'body', pointer, message }] as const;
  return {
    kind: 'rejected',
    fault: problem('invalid-request', { detail: 'The event is not valid.', errors }),
    lessonExists: true,
  };
}
