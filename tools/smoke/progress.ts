import { randomUUID } from 'node:crypto';
import { NotTried, type Passed } from './checks.ts';
import type { ReadableLesson } from './course.ts';
import { fault, type HttpClient, listAt, textAt } from './http.ts';
import type { Remainder, Remainders } from './remainders.ts';
import { POSITION, readProgress } from './untouched.ts';

const HAS_OWN_PROGRESS =
  'the account has progress in every course that it may read, and leaving a course would erase it';

/** @throws NotTried if the test would erase progress, or a feed, that it did not create */
export function requireUntouched(lesson: ReadableLesson): ReadableLesson {
  if (!lesson.isUntouched) throw new NotTried(HAS_OWN_PROGRESS);
  return lesson;
}

/** Records an event and reads it back. Returns what undoes that: to leave the course. */
export async function recordProgress(
  http: HttpClient,
  cleanUp: HttpClient,
  accessToken: string,
  lesson: ReadableLesson,
  remainders: Remainders,
): Promise<Passed<Remainder>> {
  const { courseId, lessonId } = requireUntouched(lesson);
  const remainder = remainders.add(`the progress in ${courseId}`, async () => {
    await cleanUp.api('DELETE', `/progress/${courseId}`, { accessToken, expect: 204 });
  });
  const now = new Date().toISOString();
  const event = { eventId: randomUUID(), occurredAt: now, sentAt: now, position: POSITION, playedSeconds: 0 };
  const path = `/progress/${courseId}/lessons/${lessonId}`;
  const recorded = await http.api('PUT', path, { accessToken, body: event });
  if (textAt(recorded, 'status') === 'duplicate') throw fault(recorded, 'the event counts as sent before');

  const read = await readProgress(http, accessToken, courseId);
  const own =
    read === null ? undefined : listAt(read, 'lessons').find((candidate) => candidate['lessonId'] === lessonId);
  if (own?.['position'] !== POSITION) throw fault(read ?? recorded, 'the position is not stored');
  return { value: remainder, note: 'recorded and read back' };
}

export async function leaveCourse(
  http: HttpClient,
  accessToken: string,
  { courseId }: ReadableLesson,
  progress: Remainder,
): Promise<Passed<null>> {
  await progress.remove();
  const left = await readProgress(http, accessToken, courseId);
  if (left !== null) throw fault(left, 'there is still progress');
  progress.forget();
  return { value: null, note: courseId };
}
