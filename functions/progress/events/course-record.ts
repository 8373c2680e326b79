import type { ProgressDocument } from '../../../shared/db/collections.ts';
import { limitsOf } from '../learner/lesson-limits.ts';
import type { Outline, OutlineLesson } from '../learner/outline-repository.ts';
import { calendarDayOf } from './device-clock.ts';
import { isAtEnd, type LessonEvent, playedMsOf } from './effect.ts';
import { eventDigest, eventIdentity } from './event-identity.ts';
import { EMPTY, type LessonEffect, merge } from './merge.ts';
import type { CourseRecord, PlayedEvent } from './merge-stages-repository.ts';

/** An event that passed validation, with its effect. */
export interface AcceptedEvent extends LessonEvent {
  readonly lessonId: string;
  /** When it happened, as the device sent it. */
  readonly occurredAt: string;
  /** When it happened, by the server's clock. */
  readonly at: Date;
  readonly effect: LessonEffect;
}

/** Folds the events of one course into one record. Merging the record gives the same result as merging each event. */
export function courseRecordOf(
  { courseId, outline, receivedAt }: Pick<CourseRecord, 'courseId' | 'receivedAt'> & { readonly outline: Outline },
  events: readonly AcceptedEvent[],
): CourseRecord {
  const current = new Map(outline.lessons.map((lesson) => [lesson.id, lesson]));
  const lessons = new Map<string, LessonEffect>();
  let joinedAt = receivedAt;
  let lastEvent: ProgressDocument['lastEvent'] = null;
  for (const { eventId, lessonId, at, effect } of events) {
    lessons.set(lessonId, merge(lessons.get(lessonId) ?? EMPTY, effect));
    const by = eventIdentity(eventId);
    if (at < joinedAt) joinedAt = at;
    if (lastEvent === null || at > lastEvent.at || (at.getTime() === lastEvent.at.getTime() && by > lastEvent.by)) {
      lastEvent = { at, by, lessonId };
    }
  }
  return {
    courseId,
    revision: outline.revision,
    outline: outline.lessons.map((lesson) => ({ id: lesson.id, ...limitsOf(lesson) })),
    receivedAt,
    joinedAt,
    lessons,
    lastEvent,
    digests: events.map(({ eventId }) => eventDigest(eventId)),
    played: events.flatMap((event) => playedEventsOf(event, current.get(event.lessonId) ?? null)),
  };
}

/** One, or none for an event without playing time. */
function playedEventsOf(event: AcceptedEvent, lesson: OutlineLesson | null): PlayedEvent[] {
  const { eventId, lessonId, at, occurredAt, position } = event;
  const ms = playedMsOf(event) ?? 0;
  if (ms === 0) return [];
  const day = calendarDayOf(at, occurredAt);
  return [{ digest: eventDigest(eventId), lessonId, day, ms, isAtEnd: isAtEnd(position, lesson) }];
}
