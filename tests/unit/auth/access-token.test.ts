import fc from 'fast-check';
import jwt from 'jsonwebtoken';
import { ISSUED_LIFETIME_SECONDS } from '../../../functions/auth/token/issue-access-token.ts';
import { keyIdOf, MAX_ACCEPTED_LIFETIME_SECONDS, verifyAccessToken } from '../../../shared/auth/verify-access-token.ts';
import { Problem } from '../../../shared/http/problem.ts';
import {
  AUDIENCE,
  buildToken,
  craftToken,
  createSigningKey,
  goodClaims,
  goodHeader,
  ISSUER,
  malleated,
  signingKey,
} from '../../support/keys/access-tokens.ts';

/** A century ahead, so that reading the machine's clock makes a test fail. */
const now = new Date('2126-11-02T12:00:00.000Z');
const nowSeconds = now.getTime() / 1000;
const keys = new Map([[signingKey.kid, signingKey.publicKey]]);

function verify(token: string, at = now) {
  return verifyAccessToken(token, { keys, issuer: ISSUER, audience: AUDIENCE, now: at });
}

/** Returns `good` or the code of the problem. Any other error fails the test. */
function verdict(token: string, at = now): string {
  try {
    verify(token, at);
    return 'good';
  } catch (error) {
    if (error instanceof Problem) return error.code;
    throw error;
  }
}

describe('verifying an access token', () => {
  it('returns the claims', () => {
    const claims = goodClaims(now);
    expect(verify(buildToken({ claims }))).toEqual(claims);
  });

  it('accepts unknown claims and leaves them out', () => {
    const claims = goodClaims(now);
    expect(verify(buildToken({ claims: { ...claims, locale: 'de' } }))).toEqual(claims);
  });

  it('accepts tokens signed by jsonwebtoken, and header members in any order', () => {
    const { alg, typ, kid } = goodHeader();
    const options = { algorithm: 'ES256', keyid: kid, header: { alg, typ } } as const;
    expect(verdict(jwt.sign(goodClaims(now), signingKey.privateKey, options))).toBe('good');
    expect(verdict(buildToken({ header: { kid, typ, alg }, now }))).toBe('good');
    const reversed = JSON.stringify({ kid, typ, alg });
    expect(verdict(craftToken({ header: reversed, payload: JSON.stringify(goodClaims(now)) }))).toBe('good');
  });

  it('uses the key that the kid names', () => {
    const next = createSigningKey('key-2');
    const both = new Map([...keys, [next.kid, next.publicKey]]);
    const token = buildToken({ key: next, now });
    expect(keyIdOf(token)).toBe('key-2');
    expect(verifyAccessToken(token, { keys: both, issuer: ISSUER, audience: AUDIENCE, now }).iss).toBe(ISSUER);
  });

  it.each(['../../key-1', "' OR 1=1", 'key 1', 'k'.repeat(65), '', 7, { $ne: null }])(
    'rejects the malformed kid %j before looking for a key',
    (kid) => {
      expect(() => keyIdOf(buildToken({ header: { kid } }))).toThrow(
        expect.objectContaining({ code: 'invalid-token' }),
      );
    },
  );

  it('accepts the other valid ECDSA signature of the same token, so the text cannot identify a token', () => {
    const token = buildToken({ now });
    const twin = malleated(token);
    expect(twin).not.toBe(token);
    expect(verify(twin)).toEqual(verify(token));
  });
});

describe('the times in an access token', () => {
  const issuedAt = (seconds: number, lifetime = 900) =>
    buildToken({ claims: { iat: nowSeconds + seconds, exp: nowSeconds + seconds + lifetime } });

  it.each([
    ['was issued now', 'good', issuedAt(0)],
    ['lives for a second', 'good', issuedAt(0, 1)],
    ['lives for half an hour', 'good', issuedAt(0, 1800)],
    ['lives for more than half an hour', 'token-expired', issuedAt(0, 1801)],
    ['lives for more than half an hour and ends soon', 'token-expired', issuedAt(-1800, 1900)],
    ['lives for a century', 'token-expired', issuedAt(0, 100 * 365 * 86_400)],
    ['lives for more than half an hour and has not begun', 'invalid-token', issuedAt(31, 1801)],
    ['ends when it begins', 'invalid-token', issuedAt(0, 0)],
    ['ends before it begins', 'invalid-token', issuedAt(10, -5)],
    ['was issued by a clock 30 s ahead', 'good', issuedAt(30)],
    ['was issued by a clock 31 s ahead', 'invalid-token', issuedAt(31)],
    ['ended 29 s ago, within the leeway', 'good', issuedAt(-929)],
    ['ended 30 s ago', 'token-expired', issuedAt(-930)],
    ['ended a year ago', 'token-expired', issuedAt(-365 * 86_400)],
    ['ended in 1970', 'token-expired', buildToken({ claims: { iat: 0, exp: 900 } })],
    ['is not valid before now', 'good', buildToken({ claims: { nbf: nowSeconds }, now })],
    ['is not valid for another 30 s', 'good', buildToken({ claims: { nbf: nowSeconds + 30 }, now })],
    ['is not valid for another 31 s', 'invalid-token', buildToken({ claims: { nbf: nowSeconds + 31 }, now })],
  ])('make a token that %s %s', (_, expected, token) => {
    expect(verdict(token)).toBe(expected);
  });

  it('are issued for no longer than verifiers accept', () => {
    expect(ISSUED_LIFETIME_SECONDS).toBeLessThanOrEqual(MAX_ACCEPTED_LIFETIME_SECONDS);
  });

  it('expire at the exact millisecond', () => {
    const token = issuedAt(-929);
    expect(verdict(token, new Date(now.getTime() + 999))).toBe('good');
    expect(verdict(token, new Date(now.getTime() + 1000))).toBe('token-expired');
  });

  it.each([
    ['signature', { key: { ...createSigningKey('other'), kid: signingKey.kid } }],
    ['type', { header: { typ: 'JWT' } }],
    ['key', { header: { kid: 'unknown' } }],
    ['issuer', { claims: { iss: 'https://evil.example' } }],
    ['audience', { claims: { aud: [AUDIENCE] } }],
    ['subject', { claims: { sub: '' } }],
    ['session', { claims: { sid: undefined } }],
    ['roles', { claims: { roles: ['owner'] } }],
    ['nbf', { claims: { nbf: 'soon' } }],
  ])('are not revealed for a token with a wrong %s: it is invalid, not expired', (_, options) => {
    const longAgo = new Date(now.getTime() - 3_600_000);
    expect(verdict(buildToken({ now: longAgo }))).toBe('token-expired');
    expect(verdict(buildToken({ ...options, now: longAgo }))).toBe('invalid-token');

    const claims = { iat: nowSeconds, exp: nowSeconds + 86_400 };
    expect(verdict(buildToken({ claims }))).toBe('token-expired');
    expect(verdict(buildToken({ ...options, claims: { ...claims, ...('claims' in options && options.claims) } }))).toBe(
      'invalid-token',
    );
  });

  it('reject every token while the clock is invalid', () => {
    expect(verdict(buildToken({ now }), new Date(Number.NaN))).not.toBe('good');
  });
});

describe('for all inputs', () => {
  const BASE64URL = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  const token = buildToken({ now });

  it('rejects a token with any one character changed', () => {
    for (let at = 0; at < token.length; at += 1) {
      const replacement = BASE64URL[(BASE64URL.indexOf(token[at] ?? '') + 1) % 64];
      expect(verdict(token.slice(0, at) + replacement + token.slice(at + 1))).toBe('invalid-token');
    }
  });

  it('rejects stray bits in the last character, although the signature decodes to the same bytes', () => {
    const last = BASE64URL.indexOf(token.at(-1) ?? '');
    for (let stray = 1; stray < 16; stray += 1) {
      const spelled = token.slice(0, -1) + BASE64URL[last + stray];
      expect(Buffer.from(spelled.slice(-86), 'base64url')).toEqual(Buffer.from(token.slice(-86), 'base64url'));
      expect(verdict(spelled)).toBe('invalid-token');
    }
  });

  it('rejects a token with any character replaced, removed or inserted', () => {
    const place = fc.nat({ max: token.length - 1 });
    const character = fc.oneof(
      fc.constantFrom(...BASE64URL, '.', '=', '+', '/', ' ', '\n', '%'),
      fc.string({ unit: 'binary', maxLength: 1 }),
    );
    fc.assert(
      fc.property(place, character, fc.boolean(), (at, put, replacing) => {
        const altered = token.slice(0, at) + put + token.slice(replacing ? at + 1 : at);
        fc.pre(altered !== token);
        expect(verdict(altered)).toBe('invalid-token');
      }),
      { numRuns: 1000 },
    );
  });

  it('rejects a text that is not a token, and throws only problems', () => {
    const part = fc.oneof(fc.string(), fc.base64String(), fc.json().map(base64url));
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.array(part, { maxLength: 5 }).map((parts) => parts.join('.')),
    );
    fc.assert(
      fc.property(text, (any) => {
        expect(verdict(any)).toBe('invalid-token');
      }),
      { numRuns: 1000 },
    );
  });

  it('rejects any validly signed header that is not ours', () => {
    const header = fc.oneof(
      fc.json(),
      fc
        .dictionary(fc.constantFrom('alg', 'typ', 'kid', 'crit', '__proto__'), value())
        .map((members) => JSON.stringify(members)),
    );
    fc.assert(
      fc.property(header, (any) => {
        expect(verdict(craftToken({ header: any, payload: JSON.stringify(goodClaims(now)) }))).toBe('invalid-token');
      }),
    );
  });

  it('rejects any validly signed payload without our claims', () => {
    const names = Object.keys(goodClaims());
    fc.assert(
      fc.property(fc.oneof(fc.json(), fc.string()), (payload) => {
        expect(verdict(craftToken({ payload }))).toBe('invalid-token');
      }),
    );
    fc.assert(
      fc.property(fc.constantFrom(...names), fc.jsonValue(), (name, any) => {
        // Any text can be an id, and any number an epoch.
        fc.pre(!['sub', 'sid', 'jti'].includes(name) || typeof any !== 'string');
        fc.pre(name !== 'ep' || typeof any !== 'number');
        fc.pre(!Array.isArray(any));
        expect(verdict(buildToken({ claims: { [name]: any }, now }))).not.toBe('good');
      }),
    );
  });

  function value(): fc.Arbitrary<unknown> {
    return fc.oneof(fc.jsonValue(), fc.constantFrom('ES256', 'at+jwt', signingKey.kid));
  }

  function base64url(text: string): string {
    return Buffer.from(text).toString('base64url');
  }
});
