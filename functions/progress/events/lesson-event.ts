import type { Input, Output } from '../../../shared/http/contract.ts';
import type { Principal } from '../../../shared/http/handler.ts';
import { problem } from '../../../shared/http/problem.ts';
import type { contract } from '../contract.ts';
import { parseDeviceTime } from './device-clock.ts';
import { ingestEvents } from './ingest-events.ts';
import { isFinal } from './validate-event.ts';

type LessonEventRoute = (typeof contract)['routes']['PUT /progress/{courseId}/lessons/{lessonId}'];

/**
 * Records one event.
 * @throws Problem the reason for which a batch would reject the event; else as {@link ingestEvents} does.
 */
export async function recordLessonEvent(
  principal: Principal,
  { courseId, lessonId }: Input<LessonEventRoute>['path'],
  { sentAt, ...body }: Input<LessonEventRoute>['body'],
  receivedAt = new Date(),
): Promise<Output<LessonEventRoute>> {
  const event = { ...body, courseId, lessonId };
  const { outcomes, courses } = await ingestEvents(
    principal,
    { sentAt: sentAt === undefined ? null : parseDeviceTime(sentAt, '/sentAt'), events: [{ event, pointer: '' }] },
    receivedAt,
  );
  const [outcome] = outcomes;
  const [course] = courses;
  if (outcome?.status === 'rejected') {
    const { code, options } = outcome.reason;
    throw problem(code, { ...options, final: isFinal(outcome.reason) });
  }
  if (outcome === undefined || course === undefined) throw new Error('An accepted event has no course');
  return { eventId: event.eventId, status: outcome.status, lesson: outcome.lesson, course };
}
