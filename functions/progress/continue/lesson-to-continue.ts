import type { ProgressDocument } from '../../../shared/db/collections.ts';
import type { Outline, OutlineLesson } from '../learner/learner-repository.ts';

/**
 * The lesson to go on with: the one of the newest event, or once that is complete the next one that is not, going round
 * to the start after the last. Null when there is none.
 */
export function lessonToContinue(
  { lessons }: Outline,
  { lastEvent, lessons: registers }: Pick<ProgressDocument, 'lastEvent' | 'lessons'>,
): OutlineLesson | null {
  // A lesson that the course has no more is nowhere in it, and what follows is the first.
  const current = Math.max(
    0,
    lessons.findIndex(({ id }) => id === lastEvent?.lessonId),
  );
  const inTurn = [...lessons.slice(current), ...lessons.slice(0, current)];
  return inTurn.find(({ id }) => !registers[id]?.completion?.completed) ?? null;
}
