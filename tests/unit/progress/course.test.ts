import {
  courseProgressOf,
  courseProgressSummaryOf,
  lessonProgressOf,
} from '../../../functions/progress/learner/course-progress.ts';
import type { Outline } from '../../../functions/progress/learner/outline-repository.ts';
import type { LessonRegisters } from '../../../shared/db/collections.ts';
import { buildProgress } from '../../support/builders/progress.ts';

const time = (second: number) => new Date(Date.UTC(2026, 10, 2, 9, 30, second));
const by = '0197f0b4-6f52-7c1e-9a53-0d9f6c1f2a44';
const EMPTY: LessonRegisters = { position: null, furthest: null, completion: null, firstCompletion: null };
const DONE: LessonRegisters = {
  ...EMPTY,
  completion: { at: time(9), by, completed: true },
  firstCompletion: { at: time(3), by },
};
const UNDONE: LessonRegisters = { ...DONE, completion: { at: time(10), by, completed: false } };
const BEGUN: LessonRegisters = {
  ...EMPTY,
  position: { at: time(5), by, value: 12 },
  furthest: { value: 80, by },
};

const outlineOf = (...ids: readonly string[]): Outline => ({
  revision: 1,
  lessons: ids.map((id) => ({ id, title: id, kind: 'audio', durationSeconds: 100 })),
});

describe('progress in a lesson', () => {
  it('is at the start before any event', () => {
    expect(lessonProgressOf('one', undefined)).toEqual({
      lessonId: 'one',
      position: 0,
      furthest: 0,
      completed: false,
      completedAt: null,
      firstCompletedAt: null,
      secondsPlayed: 0,
      updatedAt: null,
    });
  });

  it('has the last position and the furthest one', () => {
    expect(lessonProgressOf('one', BEGUN)).toMatchObject({ position: 12, furthest: 80, completed: false });
  });

  it('shows the latest completion and the first one', () => {
    expect(lessonProgressOf('one', DONE)).toMatchObject({
      completed: true,
      completedAt: time(9).toISOString(),
      firstCompletedAt: time(3).toISOString(),
    });
  });

  it('keeps the first completion after completion is undone', () => {
    expect(lessonProgressOf('one', UNDONE)).toMatchObject({
      completed: false,
      completedAt: null,
      firstCompletedAt: time(3).toISOString(),
    });
  });

  it.each([
    ['position', { ...BEGUN, position: { at: time(20), by, value: 12 }, completion: DONE.completion }, 20],
    ['completion', { ...BEGUN, completion: DONE.completion }, 9],
    ['the only event', BEGUN, 5],
  ] as const)('is dated by its newest event: %s', (_, registers, second) => {
    expect(lessonProgressOf('one', registers).updatedAt).toBe(time(second).toISOString());
  });
});

describe('progress in a course', () => {
  const document = buildProgress({ lessons: { gone: DONE, three: DONE, one: DONE, two: UNDONE } });

  it('counts the current lessons and those of them that are completed', () => {
    expect(courseProgressSummaryOf(document, outlineOf('one', 'two', 'three', 'four'))).toMatchObject({
      lessonsCompleted: 2,
      lessonsTotal: 4,
      fraction: 0.5,
    });
  });

  it.each([
    ['is not published', null],
    ['has no lessons', outlineOf()],
  ])('is zero in a course that %s', (_, outline) => {
    expect(courseProgressSummaryOf(document, outline)).toMatchObject({
      lessonsCompleted: 0,
      lessonsTotal: 0,
      fraction: 0,
    });
  });

  it('keeps the completion of the course when its lessons change', () => {
    const completed = buildProgress({ completion: { at: time(9), revision: 3 } });
    for (const outline of [null, outlineOf('one', 'new')]) {
      expect(courseProgressSummaryOf(completed, outline)).toMatchObject({
        completedAt: time(9).toISOString(),
        completedRevision: 3,
      });
    }
  });

  it('adds up what was played in all lessons, including removed ones', () => {
    const played = buildProgress({
      lessons: { one: { ...DONE, playedMs: 100 }, two: UNDONE, gone: { ...DONE, playedMs: 200 } },
    });
    const { secondsPlayed, lessons } = courseProgressOf(played, outlineOf('one', 'two'));
    // 0.1 + 0.2 would be 0.30000000000000004.
    expect([secondsPlayed, ...lessons.map((lesson) => lesson.secondsPlayed)]).toEqual([0.3, 0.1, 0, 0.2]);
  });

  it('lists lessons in course order, and removed lessons after them', () => {
    const { lessons } = courseProgressOf(document, outlineOf('one', 'two', 'three', 'four'));
    expect(lessons.map(({ lessonId }) => lessonId)).toEqual(['one', 'two', 'three', 'gone']);
  });
});
