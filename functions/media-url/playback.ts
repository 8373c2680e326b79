import { requireCaller } from '../../shared/access/require-caller.ts';
import type { Caller } from '../../shared/auth/caller.ts';
import type { Input, Output } from '../../shared/http/contract.ts';
import type { Principal } from '../../shared/http/handler.ts';
import { problem, problemDescription } from '../../shared/http/problem.ts';
import type { CheckedItem } from '../../shared/http/validation.ts';
import { type GrantPurpose, grantLifetime } from '../../shared/media/lifetime.ts';
import { currentMediaKey } from '../../shared/media/media-signing-key.ts';
import { type Admission, admit, isPlayable } from './admission.ts';
import type { contract } from './contract.ts';
import { createPlaybackGrant, type PlaybackGrant } from './playback-grant.ts';
import { type CourseForReader, courseForReaderStages, findOpenLesson } from './recording-repository.ts';

type Routes = (typeof contract)['routes'];
type LessonPath = Input<Routes['GET /courses/{courseId}/lessons/{lessonId}/media-url']>['path'];
type Batch = Input<Routes['POST /courses/{courseId}/media-urls']>['body'];
type BatchResult = Output<Routes['POST /courses/{courseId}/media-urls']>;

/**
 * Grants a learner the playback of one lesson.
 * @throws Problem `invalid-token`, `not-found`, `forbidden` or `unavailable`.
 */
export async function grantLesson(
  principal: Principal,
  { courseId, lessonId }: LessonPath,
  purpose: GrantPurpose,
  now = new Date(),
): Promise<PlaybackGrant> {
  const [key, { caller, course }] = await Promise.all([
    currentMediaKey(),
    requireCallerAndCourse(principal, courseId, [lessonId], now),
  ]);
  const admission = admit(course, lessonId, caller, now);
  if (admission.kind === 'refused') throw admission.refusal;
  const { lesson, until } = admission;
  return createPlaybackGrant(lesson, key, grantLifetime(lesson.durationSeconds ?? 0, now, until, purpose));
}

/**
 * Grants anybody the playback of a lesson that is open to everybody.
 * @throws Problem `not-found` if the lesson does not exist or is not open; `unavailable`.
 */
export async function grantPreview(
  { courseId, lessonId }: LessonPath,
  purpose: GrantPurpose,
  now = new Date(),
): Promise<PlaybackGrant> {
  const [key, lesson] = await Promise.all([currentMediaKey(), findOpenLesson(courseId, lessonId)]);
  if (lesson === null || !isPlayable(lesson)) {
    throw problem('not-found', { detail: 'There is no such recording to preview.' });
  }
  return createPlaybackGrant(lesson, key, grantLifetime(lesson.durationSeconds ?? 0, now, null, purpose));
}

/**
 * Grants a learner the playback of many lessons of a course, with a result for each. All grants last long enough to
 * play or to load the lessons in turn: the last one starts when the others are done.
 * @throws Problem `invalid-token`; `not-found` if there is no such course; `unavailable`.
 */
export async function grantLessons(
  principal: Principal,
  courseId: string,
  { lessonIds, purpose }: Batch,
  now = new Date(),
): Promise<BatchResult> {
  const validIds = lessonIds.flatMap((item) => (item.valid ? [item.value] : []));
  const [key, { caller, course }] = await Promise.all([
    currentMediaKey(),
    requireCallerAndCourse(principal, courseId, validIds, now),
  ]);
  if (course.access === null) throw problem('not-found', { detail: 'There is no such course.' });

  const admissions = lessonIds.map(
    (item): Admission =>
      item.valid ? admit(course, item.value, caller, now) : { kind: 'refused', refusal: item.fault },
  );
  const seconds = totalSeconds(admissions);
  return {
    results: admissions.map((admission, index) => ({
      lessonId: givenId(lessonIds[index]),
      ...(admission.kind === 'admitted'
        ? { grant: createPlaybackGrant(admission.lesson, key, grantLifetime(seconds, now, admission.until, purpose)) }
        : { problem: problemDescription(admission.refusal) }),
    })),
  };
}

/** Confirms the caller and loads the course in one round trip. */
async function requireCallerAndCourse(
  principal: Principal,
  courseId: string,
  lessonIds: readonly string[],
  now: Date,
): Promise<{ readonly caller: Caller; readonly course: CourseForReader }> {
  const stages = courseForReaderStages(courseId, lessonIds, principal.userId);
  const { caller, row } = await requireCaller<CourseForReader>(principal, now, stages);
  return { caller, course: row };
}

function totalSeconds(admissions: readonly Admission[]): number {
  return admissions.reduce(
    (sum, admission) => sum + (admission.kind === 'admitted' ? (admission.lesson.durationSeconds ?? 0) : 0),
    0,
  );
}

/** Returns the id as the client sent it, valid or not, so that it can match the result to its request. */
function givenId(item: CheckedItem<string> | undefined): string | null {
  if (item?.valid) return item.value;
  return typeof item?.given === 'string' ? item.given : null;
}
