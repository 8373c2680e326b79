import { accessProblem } from '../../../shared/access/can-read.ts';
import { accessAt, grantAt } from '../../../shared/access/past-access.ts';
import { type Problem, problem } from '../../../shared/http/problem.ts';
import type { Learner } from '../learner/learner.ts';
import type { OutlineLesson } from '../learner/outline-repository.ts';
import { CLOCK_TOLERANCE_MS, type DeviceClock } from './device-clock.ts';
import { effectOf, type LessonEvent } from './effect.ts';
import { eventDigest } from './event-identity.ts';
import type { LessonEffect } from './merge.ts';

/** An event as a device sent it, with a valid schema. */
export interface ProgressEvent extends LessonEvent {
  readonly courseId: string;
  readonly lessonId: string;
  readonly occurredAt: string;
}

/** What to do with an event. */
export type EventVerdict =
  | { readonly kind: 'accepted'; readonly at: Date; readonly effect: LessonEffect }
  | { readonly kind: 'duplicate' }
  /** From before the learner left the course. */
  | { readonly kind: 'outdated' }
  | { readonly kind: 'rejected'; readonly reason: Problem; readonly lessonExists: boolean };

/** Players may report slightly more than the duration, because of rounding or a last frame. */
const POSITION_TOLERANCE_SECONDS = 5;

/** The earliest time of an event. An earlier one comes from a clock that was never set. */
const EARLIEST = Date.UTC(2000, 0, 1);

/**
 * Validates one event against its course and learner. Access is judged as it was when the event happened, so that what
 * a device reports late does not depend on what has changed since.
 * @param pointer to the event in the body of the request, for errors in it
 */
export function validateEvent(
  event: ProgressEvent,
  learner: Pick<Learner, 'caller' | 'courses' | 'grants' | 'progress'>,
  clock: DeviceClock,
  pointer: string,
): EventVerdict {
  const known = learner.progress.get(event.courseId);
  // Checked first: an accepted event stays accepted, whatever happened to the course since.
  if (known?.recentEvents.includes(eventDigest(event.eventId))) return { kind: 'duplicate' };

  const at = clock(new Date(event.occurredAt));
  const timeError = findTimeError(at);
  if (timeError !== undefined) return invalid(`${pointer}/occurredAt`, timeError, { lessonExists: false });
  const refusal = refusalAt(at, event.courseId, learner);
  // The clock of a device may be slow by that much, so that what it saw open seems to have happened before.
  const latest = new Date(at.getTime() + CLOCK_TOLERANCE_MS);
  const latestRefusal = refusal && refusalAt(latest, event.courseId, learner);
  // Final only if both are: access to either time would be enough.
  if (refusal && latestRefusal) return rejected(isFinal(refusal) ? latestRefusal : refusal);

  // Only now: callers without access must not learn whether the lesson exists.
  const course = learner.courses.get(event.courseId);
  const lesson = course?.outline.lessons.find(({ id }) => id === event.lessonId) ?? null;
  if (lesson === null && !course?.everPublishedLessonIds.includes(event.lessonId)) {
    return rejected(problem('not-found', { detail: 'The course has no such lesson.' }));
  }

  const positionError = findPositionError(event.position, lesson, course?.longestRecordings.get(event.lessonId));
  if (positionError !== undefined) return invalid(`${pointer}/position`, positionError, { lessonExists: true });

  if (known?.leftAt != null && at <= known.leftAt) return { kind: 'outdated' };
  return { kind: 'accepted', at, effect: effectOf(event, at, lesson) };
}

/**
 * Whether an event that is rejected for this reason will never be accepted. Access for the time of the event may still
 * be granted, for example when a payment arrives late.
 */
export function isFinal({ code }: Problem): boolean {
  return code !== 'forbidden';
}

/** Explains why the learner could not read a course at a time. Null if they could. */
function refusalAt(
  at: Date,
  courseId: string,
  { caller, courses, grants }: Pick<Learner, 'caller' | 'courses' | 'grants'>,
): Problem | null {
  const course = courses.get(courseId);
  const grant = grants.get(courseId);
  const access = course === undefined ? null : accessAt(course, at);
  return accessProblem({ access, grant: grant === undefined ? null : grantAt(grant, at) }, caller, at);
}

function findTimeError(at: Date): string | undefined {
  // It has the form of a time but does not exist, such as a leap second.
  if (Number.isNaN(at.getTime())) return 'must be a time';
  return at.getTime() < EARLIEST ? 'must be in the year 2000 or later' : undefined;
}

/** @param longestSeconds the duration of the longest recording that the lesson has had */
function findPositionError(
  position: number | undefined,
  lesson: OutlineLesson | null,
  longestSeconds = 0,
): string | undefined {
  if (position === undefined || lesson === null) return undefined;
  const { kind, durationSeconds } = lesson;
  if (kind === 'article') return position > 1 ? 'must be a fraction from 0 to 1' : undefined;
  if (durationSeconds === null) return undefined;
  const longest = Math.max(durationSeconds, longestSeconds);
  if (position <= longest + POSITION_TOLERANCE_SECONDS) return undefined;
  return `must not be beyond the duration of the lesson, ${longest} s`;
}

function rejected(reason: Problem): EventVerdict {
  return { kind: 'rejected', reason, lessonExists: false };
}

function invalid(pointer: string, message: string, { lessonExists }: { readonly lessonExists: boolean }): EventVerdict {
  const errors = [{ in: 'body', pointer, message }] as const;
  return {
    kind: 'rejected',
    reason: problem('invalid-request', { detail: 'The event is not valid.', errors }),
    lessonExists,
  };
}
