import { lessonToContinue } from '../../../functions/progress/continue/lesson-to-continue.ts';
import type { Outline } from '../../../functions/progress/learner/outline-repository.ts';
import type { LessonRegisters, ProgressDocument } from '../../../shared/db/collections.ts';

const at = new Date('2026-11-02T09:30:00.000Z');
const by = '0197f0b4-6f52-7c1e-9a53-0d9f6c1f2a44';

const OUTLINE: Outline = {
  revision: 1,
  lessons: ['a', 'b', 'c', 'd'].map((id) => ({ id, title: id, kind: 'audio', durationSeconds: 100 })),
};

const completion = (completed: boolean): LessonRegisters => ({
  position: null,
  furthest: null,
  completion: { at, by, completed },
  firstCompletion: { at, by },
});

const progress = (last: string | null, done: string, undone = ''): Pick<ProgressDocument, 'lastEvent' | 'lessons'> => ({
  lastEvent: last === null ? null : { at, by, lessonId: last },
  lessons: Object.fromEntries([
    ...[...done].map((id) => [id, completion(true)]),
    ...[...undone].map((id) => [id, completion(false)]),
  ]),
});

describe('the lesson to go on with', () => {
  it.each([
    ['the first, of a course that was not begun', progress(null, ''), 'a'],
    ['the one of the newest event', progress('c', ''), 'c'],
    ['the one of the newest event, when that took its completion back', progress('b', 'a', 'b'), 'b'],
    ['the next, once that is complete', progress('b', 'b'), 'c'],
    ['the next that is not complete', progress('a', 'abc'), 'd'],
    ['one before it, after the end', progress('d', 'ad'), 'b'],
    ['the first that is left, after a lesson that the course has no more', progress('gone', 'a'), 'b'],
    ['none, when all are complete', progress('d', 'abcd'), undefined],
  ])('is %s', (_, state, expected) => {
    expect(lessonToContinue(OUTLINE, state)?.id).toBe(expected);
  });

  it('is none in a course without lessons', () => {
    expect(lessonToContinue({ revision: 1, lessons: [] }, progress('a', ''))).toBeNull();
  });
});
