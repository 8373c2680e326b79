import { accessProblem, readableUntil } from '../../shared/access/can-read.ts';
import type { Caller } from '../../shared/auth/caller.ts';
import { type Problem, problem } from '../../shared/http/problem.ts';
import type { CourseForReader, FoundLesson, PlayableLesson } from './recording-repository.ts';

/** Whether a caller may play a lesson. */
export type Admission =
  /** `until`: when the permission to read ends. Null if it has no known end. */
  | { readonly kind: 'admitted'; readonly lesson: PlayableLesson; readonly until: Date | null }
  | { readonly kind: 'refused'; readonly refusal: Problem };

/** Decides whether a caller may play one lesson of a course. */
export function admit(course: CourseForReader, lessonId: string, caller: Caller, now: Date): Admission {
  const { access, grant, lessons } = course;
  const lesson = lessons.find(({ id }) => id === lessonId);
  const refusal = accessProblem(course, caller, now);
  // Checked before the lesson, because callers without access must not learn whether it exists.
  if (refusal !== null && (access === null || !lesson?.open)) return { kind: 'refused', refusal };
  if (lesson === undefined || access === null) return notFound('The course has no such lesson.');
  if (!isPlayable(lesson)) return notFound('The lesson has no recording.');
  return { kind: 'admitted', lesson, until: lesson.open ? null : readableUntil(access, caller, grant) };
}

/** Whether a lesson has a recording. */
export function isPlayable(lesson: FoundLesson): lesson is PlayableLesson {
  return lesson.recording !== null;
}

function notFound(detail: string): Admission {
  return { kind: 'refused', refusal: problem('not-found', { detail }) };
}
