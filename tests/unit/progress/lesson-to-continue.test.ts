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

describe('the lesson to continue with', () => {
  it.each([
    ['the first, before any event', progress(null, ''), 'a'],
    ['the one of the newest event', progress('c', ''), 'c'],
    ['the one of the newest event, when that undid its completion', progress('b', 'a', 'b'), 'b'],
    ['the next, once that one is completed', progress('b', 'b'), 'c'],
    ['the next one that is not completed', progress('a', 'abc'), 'd'],
    ['an earlier one, after the last', progress('d', 'ad'), 'b'],
    ['the first open one, after a removed lesson', progress('gone', 'a'), 'b'],
    ['none, when all are completed', progress('d', 'abcd'), undefined],
  ])('is %s', (_, state, expected) => {
    expect(lessonToContinue(OUTLINE, state)?.id).toBe(expected);
  });

  it('is null in a course without lessons', () => {
    expect(lessonToContinue({ revision: 1, lessons: [] }, progress('a', ''))).toBeNull();
  });
});
