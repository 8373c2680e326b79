import { CheckFailed } from './checks.ts';
import { type Answer, type HttpClient, listAt, valueAt } from './http.ts';

/**
 * A position that a player hardly ever reports, valid for recordings and for articles. Progress in nothing but one
 * lesson at this position is what an earlier test left when it was killed.
 */
export const POSITION = 0.017;

/**
 * Whether the account has no progress in the course that the test would erase.
 * @throws CheckFailed if its progress cannot be read
 */
export async function isUntouched(http: HttpClient, accessToken: string, courseId: string): Promise<boolean> {
  const progress = await readProgress(http, accessToken, courseId);
  if (progress === null) return true;
  const lessons = listAt(progress, 'lessons');
  return lessons.length === 1 && lessons[0]?.['position'] === POSITION && lessons[0]['secondsPlayed'] === 0;
}

/** Null if the account has not joined the course, or has left it. */
export async function readProgress(http: HttpClient, accessToken: string, courseId: string): Promise<Answer | null> {
  try {
    const answer = await http.api('GET', `/progress/${courseId}`, { accessToken });
    return valueAt(answer, 'joinedAt') === null ? null : answer;
  } catch (error) {
    if (error instanceof CheckFailed && error.status === 404) return null;
    throw error;
  }
}
