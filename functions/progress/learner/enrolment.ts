import { canRead } from '../../../shared/access/can-read.ts';
import type { Principal } from '../../../shared/http/handler.ts';
import { problem } from '../../../shared/http/problem.ts';
import { recordOf } from '../events/course-record.ts';
import { writeRecord } from '../events/ingest-events.ts';
import { eraseProgress } from '../events/progress-repository.ts';
import { type CourseProgress, courseProgressOf } from './course-progress.ts';
import { requireLearner } from './learner.ts';

/**
 * Joins a course; one that is joined stays as it is.
 * @throws Problem `not-found`, `forbidden`, `invalid-token` or `unavailable`.
 */
export async function joinCourse(principal: Principal, courseId: string, now = new Date()): Promise<CourseProgress> {
  const { courses, grants, account } = await requireLearner(principal, [courseId], [], now);
  const course = courses.get(courseId);
  if (course === undefined) throw problem('not-found', { detail: 'There is no such course.' });
  if (!canRead(course.access, account, grants.get(courseId) ?? null, now)) {
    throw problem('forbidden', { detail: 'This account may not read the course.' });
  }
  const { outline } = course;
  const joined = await writeRecord(recordOf({ userId: principal.userId, courseId, outline, receivedAt: now }, []));
  return courseProgressOf(joined, outline);
}

/**
 * Leaves a course and erases the progress in it. That needs no access to it: what learners did is theirs to erase.
 * @throws Problem `invalid-token` or `unavailable`.
 */
export async function leaveCourse(principal: Principal, courseId: string, now = new Date()): Promise<undefined> {
  await requireLearner(principal, [], [], now);
  await eraseProgress({ userId: principal.userId, courseId }, now);
  return undefined;
}

/**
 * A learner's progress in a course they have joined.
 * @throws Problem `not-found`, `invalid-token` or `unavailable`.
 */
export async function findCourseProgress(
  principal: Principal,
  courseId: string,
  now = new Date(),
): Promise<CourseProgress> {
  const { progress, courses } = await requireLearner(principal, [courseId], [], now);
  const document = progress.get(courseId);
  if (document === undefined || document.joinedAt === null) {
    throw problem('not-found', { detail: 'The learner has not joined this course.' });
  }
  return courseProgressOf(document, courses.get(courseId)?.outline ?? null);
}
