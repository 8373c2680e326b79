import { canRead, readableUntil } from '../../shared/access/can-read.ts';
import { type Problem, problem } from '../../shared/http/problem.ts';
import type { CourseForReader, FoundLesson, PlayableLesson } from './recording-repository.ts';

/** Whether a lesson may be played by who asks. */
export type Admission =
  /** `until`: when the leave to read ends; null where no end is known. */
  | { readonly kind: 'admitted'; readonly lesson: PlayableLesson; readonly until: Date | null }
  | { readonly kind: 'refused'; readonly fault: Problem };

/** Judges one lesson of a course that is published. */
export function admit({ access, account, grant, lessons }: CourseForReader, lessonId: string, now: Date): Admission {
  if (access === null) return refused('not-found', 'There is no such course.');
  const lesson = lessons.find(({ id }) => id === lessonId);
  // Not even whether it has such a lesson is told to who may not read the course.
  if (!lesson?.open && !canRead(access, account, grant, now)) {
    return refused('forbidden', 'This account may not read the course.');
  }
  if (lesson === undefined) return refused('not-found', 'The course has no such lesson.');
  if (!isPlayable(lesson)) return refused('not-found', 'The lesson has no recording.');
  return { kind: 'admitted', lesson, until: lesson.open ? null : readableUntil(access, account, grant) };
}

/** Whether there is something to play in a lesson. */
export function isPlayable(lesson: FoundLesson): lesson is PlayableLesson {
  return lesson.recording !== null;
}

function refused(code: 'not-found' | 'forbidden', detail: string): Admission {
  return { kind: 'refused', fault: problem(code, { detail }) };
}
