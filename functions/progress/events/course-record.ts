import type { LessonRegisters, ProgressDocument } from '../../../shared/db/collections.ts';
import { eventIdentity } from './effect.ts';
import { eventDigest } from './event-digest.ts';
import { merge, NOTHING } from './merge.ts';
import type { CourseRecord } from './progress-repository.ts';

/** An event that is taken, with what it says. */
export interface AcceptedEvent {
  readonly eventId: string;
  readonly lessonId: string;
  /** When it happened, by our clock. */
  readonly at: Date;
  readonly claim: LessonRegisters;
}

/** Events of one course, folded into one record: to merge it is to merge them one by one. */
export function recordOf(
  { userId, courseId, outline, receivedAt }: Pick<CourseRecord, 'userId' | 'courseId' | 'outline' | 'receivedAt'>,
  events: readonly AcceptedEvent[],
): CourseRecord {
  const lessons = new Map<string, LessonRegisters>();
  let joinedAt = receivedAt;
  let lastEvent: ProgressDocument['lastEvent'] = null;
  for (const { eventId, lessonId, at, claim } of events) {
    lessons.set(lessonId, merge(lessons.get(lessonId) ?? NOTHING, claim));
    const by = eventIdentity(eventId);
    if (at < joinedAt) joinedAt = at;
    if (lastEvent === null || at > lastEvent.at || (at.getTime() === lastEvent.at.getTime() && by > lastEvent.by)) {
      lastEvent = { at, by, lessonId };
    }
  }
  const digests = events.map(({ eventId }) => eventDigest(eventId));
  return { userId, courseId, outline, receivedAt, joinedAt, lessons, lastEvent, digests };
}
