import type { LessonState, ProgressDocument } from '../../../shared/db/collections.ts';
import type { Static } from '../../../shared/http/json-schema.ts';
import type { courseProgress, courseProgressSummary, lessonProgress } from '../schemas.ts';
import type { Outline } from './outline-repository.ts';

export type LessonProgress = Static<typeof lessonProgress>;
export type CourseProgressSummary = Static<typeof courseProgressSummary>;
export type CourseProgress = Static<typeof courseProgress>;

/** Converts a lesson to what its learner sees. A lesson without progress is at its start. */
export function lessonProgressOf(lessonId: string, state: LessonState | undefined): LessonProgress {
  const { position = null, furthest = null, completion = null, firstCompletion = null, playedMs = 0 } = state ?? {};
  const times = [position, completion].flatMap((register) => (register === null ? [] : [register.at.getTime()]));
  return {
    lessonId,
    position: position?.value ?? 0,
    furthest: furthest?.value ?? 0,
    completed: completion?.completed ?? false,
    completedAt: completion?.completed ? completion.at.toISOString() : null,
    firstCompletedAt: firstCompletion?.at.toISOString() ?? null,
    secondsPlayed: playedMs / 1000,
    updatedAt: times.length === 0 ? null : new Date(Math.max(...times)).toISOString(),
  };
}

/**
 * Converts a course to what its learner sees. Counts cover the lessons that it has now; playing time also covers former
 * ones.
 * @param outline null while the course is not published
 */
export function courseProgressSummaryOf(
  { courseId, joinedAt, leftAt, updatedAt, lastEvent, lessons, completion }: ProgressDocument,
  outline: Outline | null,
): CourseProgressSummary {
  const current = outline?.lessons ?? [];
  const playedMs = Object.values(lessons).reduce((sum, lesson) => sum + (lesson.playedMs ?? 0), 0);
  const completed = current.filter(({ id }) => lessons[id]?.completion?.completed).length;
  return {
    courseId,
    joinedAt: joinedAt?.toISOString() ?? null,
    leftAt: leftAt?.toISOString() ?? null,
    updatedAt: updatedAt.toISOString(),
    lastLessonId: lastEvent?.lessonId ?? null,
    lessonsCompleted: completed,
    lessonsTotal: current.length,
    fraction: current.length === 0 ? 0 : completed / current.length,
    completedAt: completion?.at.toISOString() ?? null,
    completedRevision: completion?.revision ?? null,
    secondsPlayed: playedMs / 1000,
  };
}

/**
 * Adds the lessons with progress: current lessons in the order of the course, then former ones in the order in which
 * the learner started them.
 */
export function courseProgressOf(document: ProgressDocument, outline: Outline | null): CourseProgress {
  const current = (outline?.lessons ?? []).map(({ id }) => id);
  const known = new Set(current);
  const former = Object.keys(document.lessons).filter((id) => !known.has(id));
  const withProgress = [...current, ...former].filter((id) => document.lessons[id] !== undefined);
  return {
    ...courseProgressSummaryOf(document, outline),
    lessons: withProgress.map((id) => lessonProgressOf(id, document.lessons[id])),
  };
}
