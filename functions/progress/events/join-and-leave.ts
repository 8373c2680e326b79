import { requireReadable } from '../../../shared/access/can-read.ts';
import type { Principal } from '../../../shared/http/handler.ts';
import { problem } from '../../../shared/http/problem.ts';
import { type CourseProgress, courseProgressOf } from '../learner/course-progress.ts';
import { requireLearner } from '../learner/learner.ts';
import { courseRecordOf } from './course-record.ts';
import { writeRecord } from './ingest-events.ts';
import { eraseProgress } from './progress-repository.ts';

/**
 * Joins a course. Joining again changes nothing.
 * @throws Problem `not-found`, `forbidden`, `invalid-token` or `unavailable`.
 */
export async function joinCourse(principal: Principal, courseId: string, now = new Date()): Promise<CourseProgress> {
  const { caller, courses, grants } = await requireLearner(principal, [courseId], [], now);
  const course = courses.get(courseId);
  requireReadable({ access: course?.access ?? null, grant: grants.get(courseId) ?? null }, caller, now);
  if (course === undefined) throw problem('not-found');
  const { outline } = course;
  const joined = await writeRecord(caller, courseRecordOf({ courseId, outline, receivedAt: now }, []));
  return courseProgressOf(joined, outline);
}

/**
 * Leaves a course and erases the progress in it. Learners may do so without access to the course: the progress is
 * theirs.
 * @throws Problem `invalid-token` or `unavailable`.
 */
export async function leaveCourse(principal: Principal, courseId: string, now = new Date()): Promise<undefined> {
  const { caller } = await requireLearner(principal, [], [], now);
  await eraseProgress(caller, courseId, now);
}
