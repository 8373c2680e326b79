import fc from 'fast-check';
import { decodeCursor, encodeCursor } from '../../../shared/http/cursor.ts';
import { SECRETS } from '../../support/keys/secrets.ts';

const { CURSOR_KEY: key } = SECRETS;

describe('a page cursor', () => {
  it('decodes to the position that was encoded', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.string(), (position, scope) => {
        const cursor = encodeCursor(key, scope, position);
        expect(cursor).toMatch(/^[A-Za-z0-9_-]+$/);
        expect(decodeCursor(key, scope, cursor)).toBe(position);
      }),
    );
  });

  it('is deterministic, so that a page is found in the cache again', () => {
    expect(encodeCursor(key, 'scope', 'here')).toBe(encodeCursor(key, 'scope', 'here'));
  });

  it('is rejected with any one character changed', () => {
    const cursor = encodeCursor(key, 'scope', '2026-11-02\nsome-course');
    for (let index = 0; index < cursor.length; index += 1) {
      const altered = cursor.slice(0, index) + (cursor[index] === 'A' ? 'Q' : 'A') + cursor.slice(index + 1);
      expect(() => decodeCursor(key, 'scope', altered)).toThrow(expect.objectContaining({ code: 'invalid-request' }));
    }
  });

  it.each([
    ['of another list', key, 'other'],
    ['of another key', key.toUpperCase(), 'scope'],
  ])('%s is rejected', (_, otherKey, otherScope) => {
    const cursor = encodeCursor(key, 'scope', 'here');
    expect(() => decodeCursor(otherKey, otherScope, cursor)).toThrow(
      expect.objectContaining({ code: 'invalid-request' }),
    );
  });

  it.each(['', 'A', 'AAAA', 'not_a_cursor'])('cannot be %p', (cursor) => {
    expect(() => decodeCursor(key, 'scope', cursor)).toThrow(expect.objectContaining({ code: 'invalid-request' }));
  });

  it('requires a key of at least 32 characters', () => {
    expect(() => encodeCursor('short', 'scope', 'here')).toThrow('shorter than 32 characters');
  });
});
