import fc from 'fast-check';
import jwt from 'jsonwebtoken';
import { keyIdOf, verifyAccessToken } from '../../../shared/auth/verify-access-token.ts';
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
} from '../../support/tokens.ts';

/** A century ahead, so that a look at the machine's own clock shows. */
const now = new Date('2126-11-02T12:00:00.000Z');
const nowSeconds = now.getTime() / 1000;
const keys = new Map([[signingKey.kid, signingKey.publicKey]]);

function verify(token: string, at = now) {
  return verifyAccessToken(token, { keys, issuer: ISSUER, audience: AUDIENCE, now: at });
}

/** `good`, or the code of the problem; anything else that is thrown fails the test. */
function verdict(token: string, at = now): string {
  try {
    verify(token, at);
    return 'good';
  } catch (error) {
    if (error instanceof Problem) return error.code;
    throw error;
  }
}

describe('an access token', () => {
  it('gives its claims', () => {
    const claims = goodClaims(now);
    expect(verify(buildToken({ claims }))).toEqual(claims);
  });

  it('gives no claim that is not known, and is good with it', () => {
    const claims = goodClaims(now);
    expect(verify(buildToken({ claims: { ...claims, locale: 'de' } }))).toEqual(claims);
  });

  it('is good as jsonwebtoken signs it, and with its header in any order', () => {
    const { alg, typ, kid } = goodHeader();
    const options = { algorithm: 'ES256', keyid: kid, header: { alg, typ } } as const;
    expect(verdict(jwt.sign(goodClaims(now), signingKey.privateKey, options))).toBe('good');
    expect(verdict(buildToken({ header: { kid, typ, alg }, now }))).toBe('good');
    const reversed = JSON.stringify({ kid, typ, alg });
    expect(verdict(craftToken({ header: reversed, payload: JSON.stringify(goodClaims(now)) }))).toBe('good');
  });

  it('is verified with the key it names among several', () => {
    const next = createSigningKey('key-2');
    const both = new Map([...keys, [next.kid, next.publicKey]]);
    const token = buildToken({ key: next, now });
    expect(keyIdOf(token)).toBe('key-2');
    expect(verifyAccessToken(token, { keys: both, issuer: ISSUER, audience: AUDIENCE, now }).iss).toBe(ISSUER);
  });

  it.each(['../../key-1', "' OR 1=1", 'key 1', 'k'.repeat(65), '', 7, { $ne: null }])(
    'names a key that could be ours, or no key is looked for: not %j',
    (kid) => {
      expect(() => keyIdOf(buildToken({ header: { kid } }))).toThrow(
        expect.objectContaining({ code: 'invalid-token' }),
      );
    },
  );

  it('is the same token with the other signature that ECDSA allows: nothing may go by its text', () => {
    const token = buildToken({ now });
    const twin = malleated(token);
    expect(twin).not.toBe(token);
    expect(verify(twin)).toEqual(verify(token));
  });
});

describe('the time of an access token', () => {
  const issuedAt = (seconds: number, lifetime = 900) =>
    buildToken({ claims: { iat: nowSeconds + seconds, exp: nowSeconds + seconds + lifetime } });

  it.each([
    ['was issued now', issuedAt(0), 'good'],
    ['lives for a second', issuedAt(0, 1), 'good'],
    ['lives for more than 900 s', issuedAt(0, 901), 'invalid-token'],
    ['ends when it begins', issuedAt(0, 0), 'invalid-token'],
    ['ends before it begins', issuedAt(10, -5), 'invalid-token'],
    ['was issued by a clock 30 s ahead', issuedAt(30), 'good'],
    ['was issued by a clock 31 s ahead', issuedAt(31), 'invalid-token'],
    ['ended 29 s ago, within the leeway', issuedAt(-929), 'good'],
    ['ended 30 s ago', issuedAt(-930), 'token-expired'],
    ['ended a year ago', issuedAt(-365 * 86_400), 'token-expired'],
    ['ended in 1970', buildToken({ claims: { iat: 0, exp: 900 } }), 'token-expired'],
    ['is not good before now', buildToken({ claims: { nbf: nowSeconds }, now }), 'good'],
    ['is not good for another 30 s', buildToken({ claims: { nbf: nowSeconds + 30 }, now }), 'good'],
    ['is not good for another 31 s', buildToken({ claims: { nbf: nowSeconds + 31 }, now }), 'invalid-token'],
  ])('decides when it %s', (_, token, expected) => {
    expect(verdict(token)).toBe(expected);
  });

  it('counts fractions of a second', () => {
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
  ])('is not told of a token with a wrong %s: it is not called expired', (_, options) => {
    const longAgo = new Date(now.getTime() - 3_600_000);
    expect(verdict(buildToken({ now: longAgo }))).toBe('token-expired');
    expect(verdict(buildToken({ ...options, now: longAgo }))).toBe('invalid-token');
  });

  it('cannot be judged by a broken clock, and then nothing is good', () => {
    expect(verdict(buildToken({ now }), new Date(Number.NaN))).not.toBe('good');
  });
});

describe('for all texts', () => {
  const BASE64URL = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  const token = buildToken({ now });

  it('a token with any one character changed is refused', () => {
    for (let at = 0; at < token.length; at += 1) {
      const replacement = BASE64URL[(BASE64URL.indexOf(token[at] ?? '') + 1) % 64];
      expect(verdict(token.slice(0, at) + replacement + token.slice(at + 1))).toBe('invalid-token');
    }
  });

  it('a token whose last character has stray bits, and decodes to the same signature, is refused', () => {
    const last = BASE64URL.indexOf(token.at(-1) ?? '');
    for (let stray = 1; stray < 16; stray += 1) {
      const spelled = token.slice(0, -1) + BASE64URL[last + stray];
      expect(Buffer.from(spelled.slice(-86), 'base64url')).toEqual(Buffer.from(token.slice(-86), 'base64url'));
      expect(verdict(spelled)).toBe('invalid-token');
    }
  });

  it('a token with any character replaced, left out or put in is refused', () => {
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

  it('a text that is no token is refused, and nothing but a problem is thrown', () => {
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

  it('any header with a good signature is refused unless it is ours', () => {
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

  it('any payload with a good signature is refused unless it has our claims', () => {
    const names = Object.keys(goodClaims());
    fc.assert(
      fc.property(fc.oneof(fc.json(), fc.string()), (payload) => {
        expect(verdict(craftToken({ payload }))).toBe('invalid-token');
      }),
    );
    fc.assert(
      fc.property(fc.constantFrom(...names), fc.jsonValue(), (name, any) => {
        // The text of an id may be anything of its form, and an epoch any count.
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
