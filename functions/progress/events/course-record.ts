import type { LessonRegisters, ProgressDocument } from '../../../shared/db/collections.ts';
import { eventDigest, eventIdentity } from './event-identity.ts';
import { EMPTY, merge } from './merge.ts';
import type { CourseRecord } from './progress-repository.ts';

/** An event that passed validation, with its effect. */
export interface AcceptedEvent {
  readonly eventId: string;
  readonly lessonId: string;
  /** When it happened, by the server's clock. */
  readonly at: Date;
  readonly effect: LessonRegisters;
}

/** Folds the events of one course into one record. Merging the record gives the same result as merging each event. */
export function courseRecordOf(
  { courseId, outline, receivedAt }: Pick<CourseRecord, 'courseId' | 'outline' | 'receivedAt'>,
  events: readonly AcceptedEvent[],
): CourseRecord {
  const lessons = new Map<string, LessonRegisters>();
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
  const digests = events.map(({ eventId }) => eventDigest(eventId));
  return { courseId, outline, receivedAt, joinedAt, lessons, lastEvent, digests };
}
