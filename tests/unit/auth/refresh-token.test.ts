import fc from 'fast-check';
import { isAuthentic, parseRefreshToken, refreshToken } from '../../../functions/auth/token/refresh-token.ts';
import { buildSession } from '../../support/builders/account.ts';

const KEY = 'a-refresh-key-for-tests-of-some-length';
const session = buildSession();

describe('a refresh token', () => {
  it('says its session and generation, and proves both', () => {
    fc.assert(
      fc.property(fc.nat(), (generation) => {
        const presented = parseRefreshToken(refreshToken(KEY, session, generation));
        expect(presented).toMatchObject({ sessionId: session._id, generation });
        expect(isAuthentic(KEY, session, presented)).toBe(true);
      }),
    );
  });

  it('is the same whenever it is made', () => {
    expect(refreshToken(KEY, session, 3)).toBe(refreshToken(KEY, session, 3));
  });

  it.each([
    ['another generation', KEY, session, 4],
    ['another seed', KEY, buildSession({ seed: 'another' }), 3],
    ['another session', KEY, buildSession({ _id: 'b3RoZXIgc2Vzc2lvbiBoZQ' }), 3],
    ['another key', `${KEY}!`, session, 3],
  ])('proves nothing for %s', (_, key, other, generation) => {
    const presented = parseRefreshToken(refreshToken(KEY, session, 3));
    expect(isAuthentic(key, other, { ...presented, generation })).toBe(false);
  });

  it('cannot be altered in any of its characters', () => {
    const token = refreshToken(KEY, session, 1_295);
    for (let at = 0; at < token.length; at += 1) {
      const altered = `${token.slice(0, at)}${token[at] === 'A' ? 'B' : 'A'}${token.slice(at + 1)}`;
      expect(() => {
        const presented = parseRefreshToken(altered);
        if (presented.sessionId === session._id && isAuthentic(KEY, session, presented)) return;
        throw new Error('refused');
      }).toThrow();
    }
  });

  it.each([
    '',
    '..',
    'not a token',
    `${session._id}.0`,
    `${session._id}.00.${'A'.repeat(43)}`,
    `${session._id}.-1.${'A'.repeat(43)}`,
    `${session._id}.A.${'A'.repeat(43)}`,
    `${session._id}.0.${'A'.repeat(42)}B`,
    `${session._id}.0.${'A'.repeat(43)}=`,
    `${session._id}.0.${'A'.repeat(43)}\n`,
    `${session._id}.999999999.${'A'.repeat(43)}`,
    `__proto__.0.${'A'.repeat(43)}`,
  ])('is not %p', (text) => {
    expect(() => parseRefreshToken(text)).toThrow(expect.objectContaining({ code: 'invalid-token' }));
  });

  it('is not made with a key that could be guessed', () => {
    expect(() => refreshToken('short', session, 0)).toThrow('shorter than 32');
  });
});
