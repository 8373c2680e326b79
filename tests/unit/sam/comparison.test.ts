import type { Answer } from '../../../local/gateway/response/answer.ts';
import { createDifferenceFilter } from '../../sam/differences/difference-filter.ts';
import { type Difference, differencesBetween } from '../../sam/differences/differences.ts';
import type { KnownDifference } from '../../sam/differences/known-differences.ts';
import { nextPage, requestOf } from '../../sam/sample-request.ts';
import { apiEvent } from '../../support/functions/api-event.ts';

const SINCE = new Date('2026-11-02T12:00:00Z');

function buildAnswer(overrides: Partial<Omit<Answer, 'body'>> & { readonly body?: string } = {}): Answer {
  return { status: 200, headers: [], ...overrides, body: Buffer.from(overrides.body ?? '') };
}

describe('the differences between two answers', () => {
  it('ignore the case of header names', () => {
    const ours = buildAnswer({ headers: [['X-Thing', '1']], body: 'same' });
    const theirs = buildAnswer({ headers: [['x-thing', '1']], body: 'same' });
    expect(differencesBetween(ours, theirs, SINCE)).toEqual([]);
  });

  it('include the status, the body, and headers, even if only one side has them', () => {
    const ours = buildAnswer({ headers: [['A', '1']], body: 'ours' });
    const theirs = buildAnswer({ status: 500, headers: [['B', '2']], body: 'theirs' });
    expect(differencesBetween(ours, theirs, SINCE)).toEqual([
      { part: 'status', gateway: '200', sam: '500' },
      { part: 'body', gateway: 'ours', sam: 'theirs' },
      { part: 'a', gateway: '1', sam: null },
      { part: 'b', gateway: null, sam: '2' },
    ]);
  });

  it('exclude request ids, dates and connection headers', () => {
    const ours = buildAnswer({
      headers: [
        ['Date', 'Mon, 02 Nov 2026 12:00:01 GMT'],
        ['Connection', 'close'],
      ],
      body: '{"requestId":"00000000-0000-4000-8000-000000000001","at":"2026-11-02T12:00:01.000Z"}',
    });
    const theirs = buildAnswer({
      headers: [['Date', 'Mon, 02 Nov 2026 12:00:09 GMT']],
      body: '{"requestId":"00000000-0000-4000-8000-000000000002","at":"2026-11-02T12:00:09.000Z"}',
    });
    expect(differencesBetween(ours, theirs, SINCE)).toEqual([]);
  });

  it('exclude tokens and the ids in them, but include the other claims', () => {
    const token = (claims: object) => {
      const parts = [{ alg: 'ES256', typ: 'at+jwt', kid: 'one' }, claims].map((part) =>
        Buffer.from(JSON.stringify(part)).toString('base64url'),
      );
      return buildAnswer({ body: JSON.stringify({ accessToken: [...parts, 'A'.repeat(86)].join('.') }) });
    };
    const claims = { sub: 'a'.repeat(24), sid: 'Zm9yIGV4YW1wbGUgb25seQ', roles: ['learner'], iat: 1000, exp: 1900 };
    const later = { ...claims, sub: 'b'.repeat(24), sid: 'b25seSBmb3IgZXhhbXBsZQ', iat: 2000, exp: 2900 };
    expect(differencesBetween(token(claims), token(later), SINCE)).toEqual([]);
    expect(differencesBetween(token(claims), token({ ...later, roles: ['admin'] }), SINCE)).toHaveLength(1);
    expect(differencesBetween(token(claims), token({ ...later, exp: 2901 }), SINCE)).toHaveLength(1);
  });

  it('exclude the cursor of changes, but include the cursor of a page', () => {
    const answer = (name: string, value: string) => buildAnswer({ body: JSON.stringify({ items: [], [name]: value }) });
    const between = (name: string) => differencesBetween(answer(name, 'bm93'), answer(name, 'bGF0ZXI'), SINCE);
    expect([between('cursor'), between('nextCursor').length]).toEqual([[], 1]);
  });

  it('exclude refresh tokens, but include how often they were renewed', () => {
    const token = (session: string, generation: number) =>
      buildAnswer({
        body: JSON.stringify({ refreshToken: `${session.repeat(22)}.${generation}.${session.repeat(43)}` }),
      });
    expect(differencesBetween(token('A', 1), token('E', 1), SINCE)).toEqual([]);
    expect(differencesBetween(token('A', 1), token('E', 2), SINCE)).toHaveLength(1);
  });

  it('include slugs, even if they are as long as a session id', () => {
    const course = (id: string) => buildAnswer({ body: JSON.stringify({ id }) });
    expect(differencesBetween(course('listening-to-the-world'), course('listening-to-the-birds'), SINCE)).toHaveLength(
      1,
    );
  });

  it('include timestamps from before the comparison, which are data', () => {
    const [ours, theirs] = ['2026-10-01T00:00:00.000Z', '2026-10-02T00:00:00.000Z'].map((at) =>
      buildAnswer({ body: at }),
    );
    expect(differencesBetween(ours as Answer, theirs as Answer, SINCE)).toHaveLength(1);
  });

  it('include a repeated header', () => {
    const once = buildAnswer({ headers: [['Vary', 'Origin']] });
    const twice = buildAnswer({
      headers: [
        ['Vary', 'Origin'],
        ['Vary', 'Origin'],
      ],
    });
    expect(differencesBetween(once, twice, SINCE)).toHaveLength(1);
  });
});

describe('the filter of known differences', () => {
  const known: KnownDifference = {
    side: 'start-api',
    scenarios: ['route'],
    why: 'no cache',
    parts: { 'x-cache': [/^miss$/, null], server: [null, /^Werkzeug/] },
  };
  const noCache: Difference = { part: 'x-cache', gateway: 'miss', sam: null };

  it('accepts a difference that is known for the side and scenario', () => {
    expect(createDifferenceFilter([known]).unexpected('start-api', 'route', [noCache])).toEqual([]);
  });

  it.each<[string, 'invoke' | 'start-api', 'route' | 'failure', Difference]>([
    ['another side', 'invoke', 'route', noCache],
    ['another scenario', 'start-api', 'failure', noCache],
    ['another part', 'start-api', 'route', { ...noCache, part: 'body' }],
    ['another value of the gateway', 'start-api', 'route', { ...noCache, gateway: 'hit' }],
    ['a value of sam where none is expected', 'start-api', 'route', { ...noCache, sam: 'miss' }],
  ])('does not accept a difference with %s', (_, side, scenario, difference) => {
    expect(createDifferenceFilter([known]).unexpected(side, scenario, [difference])).toEqual([difference]);
  });

  it('lists known differences that never occurred', () => {
    const filter = createDifferenceFilter([known]);
    filter.unexpected('start-api', 'route', [noCache]);
    expect(filter.unused()).toEqual([{ known, part: 'server' }]);
  });
});

describe('the request of a sample event', () => {
  it('has the query encoded again, and lacks the headers that API Gateway added', () => {
    const event = apiEvent('GET /courses/{courseId}', {
      path: { courseId: 'one' },
      query: { q: 'a & b', sort: ['newest', 'title'] },
      headers: { Accept: 'application/json', 'X-Forwarded-For': '203.0.113.7', Host: 'api.example.com' },
    });
    expect(requestOf(event)).toEqual({
      method: 'GET',
      target: '/courses/one?q=a%20%26%20b&sort=newest&sort=title',
      headers: { 'User-Agent': 'tests', Accept: 'application/json' },
      body: null,
    });
  });

  it('has a decoded body', () => {
    const body = Buffer.from('{"a":1}').toString('base64');
    expect(requestOf(apiEvent('POST /things', { body, isBase64Encoded: true })).body).toBe('{"a":1}');
  });

  it('has no body if the event has none, as with an authorizer', () => {
    const { body: _, ...event } = apiEvent('GET /things');
    expect(requestOf(event as ReturnType<typeof apiEvent>).body).toBeNull();
  });

  it('leads to the next page with the same filters, until the last page', () => {
    const request = { method: 'GET', target: '/courses?limit=1&cursor=first', headers: {}, body: null };
    expect(nextPage(request, '{"items":[],"nextCursor":"second"}')?.target).toBe('/courses?limit=1&cursor=second');
    expect(nextPage(request, '{"items":[],"nextCursor":null}')).toBeNull();
    expect(nextPage({ ...request, target: '/courses' }, '{"nextCursor":"c"}')?.target).toBe('/courses?cursor=c');
  });
});
