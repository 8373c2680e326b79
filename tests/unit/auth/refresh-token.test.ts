import fc from 'fast-check';
import { isAuthentic, parseRefreshToken, refreshToken } from '../../../functions/auth/token/refresh-token.ts';
import { buildSession } from '../../support/builders/account.ts';
import { SECRETS } from '../../support/keys/secrets.ts';

const { REFRESH_KEY: KEY } = SECRETS;
const session = buildSession({ _id: 'Zm9yIGV4YW1wbGUgb25seQ' });

describe('a refresh token', () => {
  it('names its session and generation, and authenticates both', () => {
    fc.assert(
      fc.property(fc.nat(), (generation) => {
        const presented = parseRefreshToken(refreshToken(KEY, session, generation));
        expect(presented).toMatchObject({ sessionId: session._id, generation });
        expect(isAuthentic(KEY, session, presented)).toBe(true);
      }),
    );
  });

  it('is deterministic', () => {
    expect(refreshToken(KEY, session, 3)).toBe(refreshToken(KEY, session, 3));
  });

  it.each([
    ['another generation', KEY, session, 4],
    ['another seed', KEY, { ...session, seed: 'another' }, 3],
    ['another session', KEY, buildSession({ _id: 'b3RoZXIgc2Vzc2lvbiBoZQ' }), 3],
    ['another key', `${KEY}!`, session, 3],
  ])('is not authentic for %s', (_, key, other, generation) => {
    const presented = parseRefreshToken(refreshToken(KEY, session, 3));
    expect(isAuthentic(key, other, { ...presented, generation })).toBe(false);
  });

  it('is rejected with any one character changed', () => {
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
  ])('cannot be %p', (text) => {
    expect(() => parseRefreshToken(text)).toThrow(expect.objectContaining({ code: 'invalid-token' }));
  });

  it('requires a key of at least 32 characters', () => {
    expect(() => refreshToken('short', session, 0)).toThrow('shorter than 32');
  });
});
