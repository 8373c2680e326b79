import fc from 'fast-check';
import { bearerToken, type RequestHeaders } from '../../../shared/auth/bearer.ts';
import { Problem } from '../../../shared/http/problem.ts';

/** A request as API Gateway hands it on: every header, and of repeated ones the last. */
function request(...lines: readonly (readonly [name: string, value: string])[]): RequestHeaders {
  const names = [...new Set(lines.map(([name]) => name))];
  const values = (name: string) => lines.filter(([other]) => other === name).map(([, value]) => value);
  return {
    headers: Object.fromEntries(lines),
    multiValueHeaders: Object.fromEntries(names.map((name) => [name, values(name)])),
  };
}

const MISSING = { code: 'missing-token', headers: { 'WWW-Authenticate': 'Bearer' } };
const INVALID = { code: 'invalid-token', headers: { 'WWW-Authenticate': 'Bearer error="invalid_token"' } };

function refusal(from: RequestHeaders): unknown {
  try {
    return bearerToken(from);
  } catch (error) {
    return error;
  }
}

describe('the bearer token of a request', () => {
  it.each([
    ['as it is mostly written', request(['Authorization', 'Bearer a.b-c_d'])],
    ['with the header’s name in lower case, as HTTP/2 sends it', request(['authorization', 'Bearer a.b-c_d'])],
    ['with the scheme in lower case (RFC 9110 section 11.1)', request(['Authorization', 'bearer a.b-c_d'])],
    ['with the scheme in capitals', request(['Authorization', 'BEARER a.b-c_d'])],
    ['after more than one space (RFC 6750 section 2.1)', request(['Authorization', 'Bearer   a.b-c_d'])],
    ['in an event with single headers only', { headers: { Authorization: 'Bearer a.b-c_d' }, multiValueHeaders: null }],
    [
      'in an event with repeated headers only',
      { headers: null, multiValueHeaders: { Authorization: ['Bearer a.b-c_d'] } },
    ],
  ])('is found %s', (_, from) => {
    expect(bearerToken(from)).toBe('a.b-c_d');
  });

  it.each([
    ['there are no headers at all', { headers: null, multiValueHeaders: null }],
    ['there are others alone', request(['Accept', 'application/json'], ['X-Authorization', 'Bearer a.b.c'])],
    ['it is in a cookie', request(['Cookie', 'Authorization=Bearer a.b.c; access_token=a.b.c'])],
    ['it was sent to a proxy', request(['Proxy-Authorization', 'Bearer a.b.c'])],
  ])('is missing when %s', (_, from) => {
    expect(refusal(from)).toMatchObject(MISSING);
  });

  it.each([
    ['the header is empty', request(['Authorization', ''])],
    ['the scheme stands alone', request(['Authorization', 'Bearer'])],
    ['the credentials are a space', request(['Authorization', 'Bearer '])],
    ['the scheme is Basic', request(['Authorization', 'Basic YTpi'])],
    ['the scheme only begins like Bearer', request(['Authorization', 'Bearertoken a.b.c'])],
    ['there is no scheme', request(['Authorization', 'a.b.c'])],
    ['the token has a parameter’s name', request(['Authorization', 'Bearer token=a.b.c'])],
    ['there are two tokens', request(['Authorization', 'Bearer a.b.c d.e.f'])],
    ['there are two tokens with a comma', request(['Authorization', 'Bearer a.b.c, Bearer d.e.f'])],
    ['a tab stands for the space', request(['Authorization', 'Bearer\ta.b.c'])],
    ['a space comes before', request(['Authorization', ' Bearer a.b.c'])],
    ['a space comes after', request(['Authorization', 'Bearer a.b.c '])],
    ['a newline comes after', request(['Authorization', 'Bearer a.b.c\n'])],
    ['it is quoted', request(['Authorization', 'Bearer "a.b.c"'])],
    ['it is percent-encoded', request(['Authorization', 'Bearer a%2Eb%2Ec'])],
    ['it has a character that only looks like one', request(['Authorization', 'Bearer а.b.c'])],
    ['the header comes twice', request(['Authorization', 'Bearer a.b.c'], ['Authorization', 'Bearer d.e.f'])],
    ['the header comes twice with the same', request(['Authorization', 'Bearer a'], ['Authorization', 'Bearer a'])],
    [
      'the header comes in two spellings',
      request(['Authorization', 'Bearer a.b.c'], ['authorization', 'Bearer d.e.f']),
    ],
    [
      'the header comes in two spellings and nothing else is known',
      { headers: { Authorization: 'Bearer a.b.c', AUTHORIZATION: 'Bearer d.e.f' }, multiValueHeaders: null },
    ],
    ['the first of two headers is empty', request(['Authorization', ''], ['Authorization', 'Bearer a.b.c'])],
  ])('is refused when %s', (_, from) => {
    expect(refusal(from)).toMatchObject(INVALID);
  });

  it('is found or refused by a problem, whatever the header holds', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: 'binary' }),
          fc.string().map((text) => `Bearer ${text}`),
        ),
        (value) => {
          const found = refusal(request(['Authorization', value]));
          if (typeof found === 'string') expect(value.endsWith(` ${found}`)).toBe(true);
          else expect(found).toBeInstanceOf(Problem);
        },
      ),
    );
  });
});
