import type { CourseDocument } from '../../shared/db/collections.ts';

/**
 * Returns the duration of the longest recording that each lesson of a course has ever had, in seconds, by lesson id.
 * @param known the result for earlier revisions
 * @param outlines of other revisions. Null or missing ones are skipped.
 */
export function longestRecordings(
  known: CourseDocument['longestRecordings'],
  outlines: readonly (CourseDocument['published'] | undefined)[],
): NonNullable<CourseDocument['longestRecordings']> {
  const longest = new Map(Object.entries(known ?? {}));
  const lessons = outlines.flatMap((outline) => outline?.modules ?? []).flatMap((module) => module.lessons);
  for (const { id, durationSeconds } of lessons) {
    if (durationSeconds !== null) longest.set(id, Math.max(longest.get(id) ?? 0, durationSeconds));
  }
  return Object.fromEntries(longest);
}
