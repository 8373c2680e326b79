import type { LessonRegisters, ProgressDocument } from '../../../shared/db/collections.ts';
import { isReplayed, limitsOf } from '../learner/lesson-limits.ts';
import type { Outline, OutlineLesson } from '../learner/outline-repository.ts';

/**
 * Picks the lesson to resume:
 * 1. the one of the newest event, if it is incomplete or being replayed,
 * 2. otherwise the next incomplete one, wrapping around to the start,
 * 3. otherwise, in a completed course, the one that was most recently left in the middle of a replay. Only replays
 *    since the course was completed count: what the learner looked up on the way there must not keep the finished
 *    course in the list.
 *
 * Null if there is none.
 */
export function lessonToContinue(
  { lessons }: Outline,
  { lastEvent, lessons: states, completion }: Pick<ProgressDocument, 'lastEvent' | 'lessons' | 'completion'>,
): OutlineLesson | null {
  // A lesson that was removed from the course is not found, and the search starts at the first.
  const current = Math.max(
    0,
    lessons.findIndex(({ id }) => id === lastEvent?.lessonId),
  );
  const replayed = lessons.filter((lesson) => isReplayedIn(states, lesson));
  const newest = replayed.find(({ id }) => id === lastEvent?.lessonId);
  if (newest !== undefined) return newest;
  const inTurn = [...lessons.slice(current), ...lessons.slice(0, current)];
  const incomplete = inTurn.find(({ id }) => !states[id]?.completion?.completed);
  if (incomplete !== undefined) return incomplete;
  const [latest] = replayed
    .flatMap((lesson) => {
      const position = states[lesson.id]?.position ?? null;
      const isSinceCompletion = position !== null && completion !== null && position.at >= completion.at;
      return isSinceCompletion ? [{ lesson, ...position }] : [];
    })
    .sort((a, b) => b.at.getTime() - a.at.getTime() || (a.by < b.by ? 1 : -1));
  return latest?.lesson ?? null;
}

function isReplayedIn(states: Readonly<Record<string, LessonRegisters>>, lesson: OutlineLesson): boolean {
  const state = states[lesson.id];
  return state !== undefined && isReplayed(state, limitsOf(lesson));
}
