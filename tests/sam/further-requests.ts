import type { Scenario } from './differences/known-differences.ts';

/** Requests besides the sample events, as `METHOD target`. */
export interface FurtherRequests {
  readonly scenario: Scenario;
  readonly headers?: Readonly<Record<string, string>>;
  readonly requests: readonly string[];
}

const slug65 = 'a'.repeat(65);

export const FURTHER_REQUESTS: readonly FurtherRequests[] = [
  {
    scenario: 'route',
    requests: [
      // Filters, alone and combined.
      'GET /courses',
      'GET /courses?language=en',
      'GET /courses?language=en-GB&format=audio',
      'GET /courses?format=video&level=beginner',
      'GET /courses?topic=teaching',
      'GET /courses?topic=no-such-topic',
      'GET /courses?sort=newest',
      // Texts in every possible encoding.
      'GET /courses?q=honest%20charts',
      'GET /courses?q=honest+charts',
      'GET /courses?q=%C3%A9couter',
      'GET /courses?q=%2B',
      // One item per page, following each cursor to the end.
      'GET /courses?limit=1',
      'GET /courses?limit=1&sort=title',
      'GET /courses?limit=%31',
      // Slashes that API Gateway ignores.
      'GET //courses',
      'GET /courses/',
      // Ignored parameters, and repeated ones.
      'GET /courses?unknown=1&sort=title',
      'GET /courses?sort=newest&sort=title',
      'GET /courses?=nameless',
      // Invalid parameters.
      'GET /courses?limit=0',
      'GET /courses?limit=101',
      'GET /courses?limit=ten',
      'GET /courses?limit=',
      'GET /courses?sort',
      'GET /courses?language=english!',
      'GET /courses?topic=Not%20A%20Slug',
      'GET /courses?format=smell',
      'GET /courses?level=expert',
      'GET /courses?sort=random',
      'GET /courses?q=',
      `GET /courses?q=${'long'.repeat(26)}`,
      'GET /courses?cursor=not.a.cursor',
      'GET /courses?cursor=AAAAAAAAAAAAAAAAAAAAAAAAAAAA',
      'GET /courses?limit=0&sort=random&level=expert',
      'GET /courses/Not-A-Slug',
      `GET /courses/${slug65}`,
      'GET /courses/writing-that-teaches/previews/Not-A-Slug',
      // Things that do not exist.
      'GET /courses/no-such-course',
      'GET /courses/no-such-course/previews/no-such-lesson',
      'GET /courses/writing-that-teaches/previews/no-such-lesson',
      'GET /courses/listening-to-the-world/previews/birds-at-dawn',
    ],
  },
  {
    scenario: 'unknown route',
    requests: [
      'GET /',
      'GET /nothing-here',
      'GET /courses/a/b/c',
      'POST /courses',
      'OPTIONS /nothing-here',
      'DELETE /courses/writing-that-teaches',
    ],
  },
  {
    scenario: 'unknown route',
    headers: { Authorization: 'Bearer not-a-token' },
    requests: ['GET /nothing-here'],
  },
  {
    scenario: 'preflight',
    headers: { Origin: 'https://app.example.com', 'Access-Control-Request-Method': 'GET' },
    requests: ['OPTIONS /courses', 'OPTIONS /courses/writing-that-teaches'],
  },
  {
    scenario: 'route',
    headers: { Origin: 'https://app.example.com' },
    requests: ['GET /courses?level=beginner', 'GET /courses/no-such-course'],
  },
  {
    scenario: 'route, cache invalidation',
    headers: { 'Cache-Control': 'max-age=0', 'If-None-Match': '"any"' },
    requests: ['GET /courses/writing-that-teaches'],
  },
  { scenario: 'route, encoded path', requests: ['GET /courses/writing%2Dthat%2Dteaches'] },
  { scenario: 'route, malformed encoding', requests: ['GET /courses?q=%zz'] },
  { scenario: 'HEAD', requests: ['HEAD /courses'] },
];
