import fc from 'fast-check';
import { decodeCursor, encodeCursor } from '../../../shared/http/cursor.ts';

const key = 'a-key-for-tests-of-32-characters';

describe('a page cursor', () => {
  it('opens to the position it was sealed with, whatever that is', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.string(), (position, scope) => {
        const cursor = encodeCursor(key, scope, position);
        expect(cursor).toMatch(/^[A-Za-z0-9_-]+$/);
        expect(decodeCursor(key, scope, cursor)).toBe(position);
      }),
    );
  });

  it('is the same for the same page, so that a cached page is found again', () => {
    expect(encodeCursor(key, 'scope', 'here')).toBe(encodeCursor(key, 'scope', 'here'));
  });

  it('is refused when any one character was changed', () => {
    const cursor = encodeCursor(key, 'scope', '2026-11-02\nsome-course');
    for (let index = 0; index < cursor.length; index += 1) {
      const altered = cursor.slice(0, index) + (cursor[index] === 'A' ? 'Q' : 'A') + cursor.slice(index + 1);
      expect(() => decodeCursor(key, 'scope', altered)).toThrow(expect.objectContaining({ code: 'invalid-request' }));
    }
  });

  it.each([
    ['another list', key, 'other'],
    ['another key', key.toUpperCase(), 'scope'],
  ])('is refused by %s', (_, otherKey, otherScope) => {
    const cursor = encodeCursor(key, 'scope', 'here');
    expect(() => decodeCursor(otherKey, otherScope, cursor)).toThrow(
      expect.objectContaining({ code: 'invalid-request' }),
    );
  });

  it.each(['', 'A', 'AAAA', 'not_a_cursor'])('refuses %p', (cursor) => {
    expect(() => decodeCursor(key, 'scope', cursor)).toThrow(expect.objectContaining({ code: 'invalid-request' }));
  });

  it('is not made with a key that could be guessed', () => {
    expect(() => encodeCursor('short', 'scope', 'here')).toThrow('shorter than 32 characters');
  });
});
