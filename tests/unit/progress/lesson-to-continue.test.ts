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

type Progress = Pick<ProgressDocument, 'lastEvent' | 'lessons' | 'completion'>;

const progress = (last: string | null, done: string, undone = ''): Progress => ({
  completion: null,
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

  const later = (seconds: number) => new Date(at.getTime() + seconds * 1000);
  /** Adds positions to what is done, each a second later than the one before. The last is the newest event. */
  const replaying = (before: Progress, positions: Readonly<Record<string, number>>): Progress => {
    const lessons = { ...before.lessons };
    let lastEvent = before.lastEvent;
    for (const [index, [id, value]] of Object.entries(positions).entries()) {
      lastEvent = { at: later(index + 1), by, lessonId: id };
      lessons[id] = { ...completion(true), ...lessons[id], position: { ...lastEvent, value } };
    }
    return { ...before, lastEvent, lessons };
  };
  const finished = { ...progress('d', 'abcd'), completion: { at, revision: 1 } };

  it.each([
    ['one that is being replayed, though others are incomplete', replaying(progress('b', 'ab'), { a: 40 }), 'a'],
    ['the next incomplete one, once the replay is back at its end', replaying(progress('b', 'ab'), { a: 95 }), 'c'],
    ['the next incomplete one, if a player went back to the start', replaying(progress('b', 'ab'), { a: 0 }), 'c'],
    [
      'the next incomplete one, once another was begun and completed',
      replaying(progress('b', 'ac'), { a: 40, c: 99 }),
      'd',
    ],
    ['one that is being replayed in a finished course', replaying(finished, { b: 40 }), 'b'],
    ['the one that was replayed last', replaying(finished, { c: 40, b: 40 }), 'b'],
    ['the one that was left in the middle, once another replay has ended', replaying(finished, { c: 40, b: 95 }), 'c'],
    ['none, once every replay is at its end', replaying(finished, { c: 95, b: 100 }), undefined],
    [
      'none, if the replay was before the course was finished',
      { ...replaying(finished, { a: 40, d: 95 }), completion: { at: later(2), revision: 1 } },
      undefined,
    ],
  ])('is %s', (_, state, expected) => {
    expect(lessonToContinue(OUTLINE, state)?.id).toBe(expected);
  });

  it('is null in a course without lessons', () => {
    expect(lessonToContinue({ revision: 1, lessons: [] }, progress('a', ''))).toBeNull();
  });
});
