import type { CourseSource, LessonSource } from '../../../publishing/course/course-source.ts';
import type { ProgressDocument } from '../../../shared/db/collections.ts';
import { goodClaims } from '../keys/access-tokens.ts';
import { buildArticle, buildCourseSource, buildRecording } from './course-source.ts';

/** An audio lesson of 100 s, so that positions are percentages. */
export function buildAudio(id: string): LessonSource {
  return buildRecording({ id, title: `About ${id}`, durationSeconds: 100 });
}

/** A course of three audio lessons, `one`, `two` and `three`, and an article, `text`. */
export function buildLearnable(
  overrides: Partial<CourseSource> & { lessons?: readonly LessonSource[] } = {},
): CourseSource {
  const lessons = [
    buildAudio('one'),
    buildAudio('two'),
    buildAudio('three'),
    buildArticle({ id: 'text', title: 'A text' }),
  ];
  return buildCourseSource({ id: 'sound', title: 'Sound', lessons, ...overrides });
}

/** An event id with a readable number. */
export function eventId(number: number): string {
  return `00000000-0000-7000-8000-${number.toString(16).padStart(12, '0')}`;
}

let events = 0;

/** An event of the first lesson, a minute ago, with a new id each time. */
export function buildEvent(overrides: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  events += 1;
  return {
    eventId: eventId(events),
    courseId: 'sound',
    lessonId: 'one',
    occurredAt: new Date(Date.now() - 60_000).toISOString(),
    ...overrides,
  };
}

/** The document of a learner who has joined a course and done nothing yet. */
export function buildProgress(overrides: Partial<ProgressDocument> = {}): ProgressDocument {
  const { userId = goodClaims().sub, courseId = 'sound' } = overrides;
  const joinedAt = new Date();
  return {
    _id: `${userId}/${courseId}`,
    userId,
    courseId,
    joinedAt,
    leftAt: null,
    updatedAt: joinedAt,
    activeAt: joinedAt,
    lastEvent: null,
    lessons: {},
    completion: null,
    resumable: true,
    recentEvents: [],
    ...overrides,
  };
}
