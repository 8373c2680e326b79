import type { ProgressDocument } from '../../../shared/db/collections.ts';
import type { Outline, OutlineLesson } from '../learner/outline-repository.ts';

/**
 * Picks the lesson to resume: the one of the newest event, or, once that is complete, the next incomplete one, wrapping
 * around to the start. Null if every lesson is complete.
 */
export function lessonToContinue(
  { lessons }: Outline,
  { lastEvent, lessons: registers }: Pick<ProgressDocument, 'lastEvent' | 'lessons'>,
): OutlineLesson | null {
  // A lesson that was removed from the course is not found, and the search starts at the first.
  const current = Math.max(
    0,
    lessons.findIndex(({ id }) => id === lastEvent?.lessonId),
  );
  const inTurn = [...lessons.slice(current), ...lessons.slice(0, current)];
  return inTurn.find(({ id }) => !registers[id]?.completion?.completed) ?? null;
}
