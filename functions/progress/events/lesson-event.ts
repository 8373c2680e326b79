import type { Input, Output } from '../../../shared/http/contract.ts';
import type { Principal } from '../../../shared/http/handler.ts';
import type { contract } from '../contract.ts';
import { deviceTime } from './device-clock.ts';
import { takeReport } from './ingest-events.ts';

type LessonEventRoute = (typeof contract)['routes']['PUT /progress/{courseId}/lessons/{lessonId}'];

/**
 * Takes one event.
 * @throws Problem as a batch would have the event rejected with; else as {@link takeReport} does.
 */
export async function recordLessonEvent(
  principal: Principal,
  { courseId, lessonId }: Input<LessonEventRoute>['path'],
  { sentAt, ...body }: Input<LessonEventRoute>['body'],
  receivedAt = new Date(),
): Promise<Output<LessonEventRoute>> {
  const event = { ...body, courseId, lessonId };
  const { outcomes, courses } = await takeReport(
    principal,
    { sentAt: sentAt === undefined ? null : deviceTime(sentAt, '/sentAt'), events: [{ event, pointer: '' }] },
    receivedAt,
  );
  const [outcome] = outcomes;
  const [course] = courses;
  if (outcome?.status === 'rejected') throw outcome.fault;
  if (outcome === undefined || course === undefined) throw new Error('An event that was taken has no course');
  return { eventId: event.eventId, status: outcome.status, lesson: outcome.lesson, course };
}
