/*
 * What progress must come to, told a second time: from a plain list of everything that happened, with none of the code
 * it checks. Slow, and obvious.
 */

/** An event as it truly happened. */
export interface TrueEvent {
  readonly eventId: string;
  readonly lessonId: string;
  readonly atMs: number;
  readonly position?: number;
  readonly completed?: boolean;
}

export interface ModelLesson {
  readonly lessonId: string;
  readonly position: number;
  readonly furthest: number;
  readonly completed: boolean;
  readonly completedAtMs: number | null;
  readonly firstCompletedAtMs: number | null;
}

/** A lesson after these events, in whatever order they are given. */
export function modelLesson(lessonId: string, events: readonly TrueEvent[], completeFrom: number): ModelLesson {
  const history = [...events]
    .filter((event) => event.lessonId === lessonId)
    .sort((a, b) => a.atMs - b.atMs || (a.eventId < b.eventId ? -1 : 1));
  let position = 0;
  let furthest = 0;
  let completed = false;
  let completedAtMs: number | null = null;
  let firstCompletedAtMs: number | null = null;
  for (const event of history) {
    if (event.position !== undefined) {
      position = event.position;
      if (event.position > furthest) furthest = event.position;
    }
    if (event.completed === false) {
      completed = false;
      completedAtMs = null;
    } else if (event.completed === true || (event.position !== undefined && event.position >= completeFrom)) {
      completed = true;
      completedAtMs = event.atMs;
      if (firstCompletedAtMs === null) firstCompletedAtMs = event.atMs;
    }
  }
  return { lessonId, position, furthest, completed, completedAtMs, firstCompletedAtMs };
}

/** When a course was completed, of the states of all its lessons; null when it is not. */
export function modelCourseCompletion(lessons: readonly ModelLesson[]): number | null {
  if (!lessons.every(({ completed }) => completed)) return null;
  return Math.max(...lessons.map(({ firstCompletedAtMs }) => firstCompletedAtMs ?? 0));
}
