import fc from 'fast-check';
import { bearerToken, type RequestHeaders } from '../../../shared/auth/bearer.ts';
import { Problem } from '../../../shared/http/problem.ts';

/** A request as API Gateway passes it on: all values of a header in one map, the last of them in the other. */
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
    ['in its usual form', request(['Authorization', 'Bearer a.b-c_d'])],
    ['with a lowercase header name, as HTTP/2 sends it', request(['authorization', 'Bearer a.b-c_d'])],
    ['with a lowercase scheme (RFC 9110 section 11.1)', request(['Authorization', 'bearer a.b-c_d'])],
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
    ['there are no headers', { headers: null, multiValueHeaders: null }],
    ['there are only other headers', request(['Accept', 'application/json'], ['X-Authorization', 'Bearer a.b.c'])],
    ['it is in a cookie', request(['Cookie', 'Authorization=Bearer a.b.c; access_token=a.b.c'])],
    ['it is in the header for proxies', request(['Proxy-Authorization', 'Bearer a.b.c'])],
  ])('is missing when %s', (_, from) => {
    expect(refusal(from)).toMatchObject(MISSING);
  });

  it.each([
    ['the header is empty', request(['Authorization', ''])],
    ['there is only a scheme', request(['Authorization', 'Bearer'])],
    ['there is only a space after the scheme', request(['Authorization', 'Bearer '])],
    ['the scheme is Basic', request(['Authorization', 'Basic YTpi'])],
    ['the scheme only starts with Bearer', request(['Authorization', 'Bearertoken a.b.c'])],
    ['there is no scheme', request(['Authorization', 'a.b.c'])],
    ['the token is a parameter', request(['Authorization', 'Bearer token=a.b.c'])],
    ['there are two tokens', request(['Authorization', 'Bearer a.b.c d.e.f'])],
    ['there are two tokens separated by a comma', request(['Authorization', 'Bearer a.b.c, Bearer d.e.f'])],
    ['a tab replaces the space', request(['Authorization', 'Bearer\ta.b.c'])],
    ['a space precedes the scheme', request(['Authorization', ' Bearer a.b.c'])],
    ['a space follows the token', request(['Authorization', 'Bearer a.b.c '])],
    ['a newline follows the token', request(['Authorization', 'Bearer a.b.c\n'])],
    ['it is quoted', request(['Authorization', 'Bearer "a.b.c"'])],
    ['it is percent-encoded', request(['Authorization', 'Bearer a%2Eb%2Ec'])],
    ['it contains a look-alike letter', request(['Authorization', 'Bearer а.b.c'])],
    ['the header is repeated', request(['Authorization', 'Bearer a.b.c'], ['Authorization', 'Bearer d.e.f'])],
    [
      'the header is repeated with the same value',
      request(['Authorization', 'Bearer a'], ['Authorization', 'Bearer a']),
    ],
    [
      'the header is repeated in another case',
      request(['Authorization', 'Bearer a.b.c'], ['authorization', 'Bearer d.e.f']),
    ],
    [
      'the header is repeated in another case in an event with single headers only',
      { headers: { Authorization: 'Bearer a.b.c', AUTHORIZATION: 'Bearer d.e.f' }, multiValueHeaders: null },
    ],
    ['the first of two headers is empty', request(['Authorization', ''], ['Authorization', 'Bearer a.b.c'])],
  ])('is rejected when %s', (_, from) => {
    expect(refusal(from)).toMatchObject(INVALID);
  });

  it('is found or rejected with a problem, for any header value', () => {
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
