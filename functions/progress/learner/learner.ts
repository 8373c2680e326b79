import type { GrantHistory } from '../../../shared/access/past-access.ts';
import { requireCaller } from '../../../shared/access/require-caller.ts';
import type { Caller } from '../../../shared/auth/caller.ts';
import type { ProgressDocument } from '../../../shared/db/collections.ts';
import type { Principal } from '../../../shared/http/handler.ts';
import { problem } from '../../../shared/http/problem.ts';
import { type CourseProgress, courseProgressOf } from './course-progress.ts';
import { type LearnableCourse, type LearnerRow, learnerStages } from './learner-repository.ts';
import type { Outline } from './outline-repository.ts';

/** A caller, with everything that decides about their events, by course id. */
export interface Learner {
  readonly caller: Caller;
  /** The database's clock when it answered. */
  readonly asOf: Date;
  /** Courses that are published or withdrawn. */
  readonly courses: ReadonlyMap<string, LearnableCourse>;
  /** Also those that have ended. */
  readonly grants: ReadonlyMap<string, GrantHistory>;
  readonly progress: ReadonlyMap<string, ProgressDocument>;
}

/**
 * Confirms the caller and loads the courses that the request names, with the learner's grants and progress in them. One
 * round trip.
 * @param digests of the events in the request
 * @throws Problem `invalid-token` or `unavailable`.
 */
export async function requireLearner(
  principal: Principal,
  courseIds: readonly string[],
  digests: readonly string[],
  now: Date,
): Promise<Learner> {
  const stages = learnerStages(principal.userId, courseIds, digests);
  const { caller, asOf, furtherRows } = await requireCaller<LearnerRow>(principal, now, stages);
  const courses = furtherRows.flatMap(({ course }) => (course === undefined ? [] : [learnableCourse(course)]));
  const grants = furtherRows.flatMap(({ grant }) => (grant === undefined ? [] : [grant]));
  const progress = furtherRows.flatMap((row) => (row.progress === undefined ? [] : [row.progress]));
  return {
    caller,
    asOf,
    courses: new Map(courses.map((course) => [course.id, course])),
    grants: new Map(grants.map((grant) => [grant.courseId, grant])),
    progress: new Map(progress.map((document) => [document.courseId, document])),
  };
}

/**
 * Returns the caller's progress in a course that they have joined.
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
  return courseProgressOf(document, publishedOutline(courses.get(courseId)));
}

/** Returns what readers see of a course's outline: null while it is not published. */
export function publishedOutline(course: LearnableCourse | undefined): Outline | null {
  return course === undefined || course.access === null ? null : course.outline;
}

function learnableCourse(row: NonNullable<LearnerRow['course']>): LearnableCourse {
  const { revision, modules, longestRecordings = {}, ...course } = row;
  return {
    ...course,
    outline: { revision, lessons: modules.flatMap(({ lessons }) => lessons) },
    // A map, because a lesson may have the id of an inherited property, such as `constructor`.
    longestRecordings: new Map(Object.entries(longestRecordings)),
  };
}
