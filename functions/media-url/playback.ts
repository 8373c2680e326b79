import { invalidToken } from '../../shared/auth/challenges.ts';
import { isSessionAlive } from '../../shared/auth/session-alive.ts';
import type { Input, Output } from '../../shared/http/contract.ts';
import type { Principal } from '../../shared/http/handler.ts';
import { problem, problemDescription } from '../../shared/http/problem.ts';
import type { CheckedItem } from '../../shared/http/validation.ts';
import { grantLifetime } from '../../shared/media/lifetime.ts';
import { currentMediaKey } from '../../shared/media/media-signing-key.ts';
import { type Admission, admit, isPlayable } from './admission.ts';
import type { contract } from './contract.ts';
import { grantFor, type PlaybackGrant } from './grant.ts';
import { type CourseForReader, findCourseForReader, findOpenLesson } from './recording-repository.ts';

type Routes = (typeof contract)['routes'];
type LessonPath = Input<Routes['GET /courses/{courseId}/lessons/{lessonId}/media-url']>['path'];
type Batch = Output<Routes['POST /courses/{courseId}/media-urls']>;

/**
 * Leave for a learner to play one lesson.
 * @throws Problem `invalid-token`, `not-found`, `forbidden` or `unavailable`.
 */
export async function grantLesson(
  principal: Principal,
  { courseId, lessonId }: LessonPath,
  now = new Date(),
): Promise<PlaybackGrant> {
  const [key, course] = await Promise.all([currentMediaKey(), requireCourse(principal, courseId, [lessonId], now)]);
  const admission = admit(course, lessonId, now);
  if (admission.kind === 'refused') throw admission.fault;
  const { lesson, until } = admission;
  return grantFor(lesson, key, grantLifetime(lesson.durationSeconds ?? 0, now, until));
}

/**
 * Leave for anybody to play a lesson that is open to everybody.
 * @throws Problem `not-found` for any other, as for one that is not there; `unavailable`.
 */
export async function grantPreview({ courseId, lessonId }: LessonPath, now = new Date()): Promise<PlaybackGrant> {
  const [key, lesson] = await Promise.all([currentMediaKey(), findOpenLesson(courseId, lessonId)]);
  if (lesson === null || !isPlayable(lesson)) {
    throw problem('not-found', { detail: 'There is no such recording to preview.' });
  }
  return grantFor(lesson, key, grantLifetime(lesson.durationSeconds ?? 0, now, null));
}

/**
 * Leave for a learner to play many lessons of a course, each with a result of its own. All last as long as the lessons
 * take together: for whoever downloads them the last is still to come when the first is done.
 * @throws Problem `invalid-token`; `not-found` when there is no such course; `unavailable`.
 */
export async function grantLessons(
  principal: Principal,
  courseId: string,
  lessonIds: readonly CheckedItem<string>[],
  now = new Date(),
): Promise<Batch> {
  const named = lessonIds.flatMap((item) => (item.valid ? [item.value] : []));
  const [key, course] = await Promise.all([currentMediaKey(), requireCourse(principal, courseId, named, now)]);
  if (course.access === null) throw problem('not-found', { detail: 'There is no such course.' });

  const admissions = lessonIds.map(
    (item): Admission => (item.valid ? admit(course, item.value, now) : { kind: 'refused', fault: item.fault }),
  );
  const seconds = secondsTogether(admissions);
  return {
    results: admissions.map((admission, index) => ({
      lessonId: givenId(lessonIds[index]),
      ...(admission.kind === 'admitted'
        ? { grant: grantFor(admission.lesson, key, grantLifetime(seconds, now, admission.until)) }
        : { problem: problemDescription(admission.fault) }),
    })),
  };
}

async function requireCourse(
  { sessionId, userId }: Principal,
  courseId: string,
  lessonIds: readonly string[],
  now: Date,
): Promise<CourseForReader> {
  const found = await findCourseForReader({ sessionId, userId, courseId }, lessonIds);
  if (found === null || !isSessionAlive(found.session, found.account, now)) throw invalidToken();
  return found;
}

function secondsTogether(admissions: readonly Admission[]): number {
  return admissions.reduce(
    (sum, admission) => sum + (admission.kind === 'admitted' ? (admission.lesson.durationSeconds ?? 0) : 0),
    0,
  );
}

/** The id as it was sent, right or wrong, so that the client knows which one the result is of. */
function givenId(item: CheckedItem<string> | undefined): string | null {
  if (item?.valid) return item.value;
  return typeof item?.given === 'string' ? item.given : null;
}
