import type { RouteKey } from '../../shared/http/route.ts';

/** A request to a new version, and the result that shows that it works. */
export interface Probe {
  readonly route: RouteKey;
  readonly path?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  /** The authorizer's context, for a route that API Gateway guards. */
  readonly authorizer?: Readonly<Record<string, string>>;
  readonly expected: { readonly status: number } | { readonly error: string };
  /** What it proves, for the log. */
  readonly proves: string;
}

/** A course and a lesson that nobody has. If somebody had them, deployments would stop, and nothing would break. */
const NOWHERE = { courseId: 'release-check-no-such-course', lessonId: 'release-check-no-such-lesson' };

const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url');

/**
 * An access token in the right form by an unknown key. A function refuses it only after it has read the keys; if it
 * cannot read them, it fails.
 */
const FORGED_TOKEN = {
  Authorization: `Bearer ${[
    encode({ alg: 'ES256', typ: 'at+jwt', kid: 'release-check' }),
    encode({ sub: 'release-check' }),
    'A'.repeat(86),
  ].join('.')}`,
};

/** In the right form, and of no session: refused only after the database and the key were read. */
const UNKNOWN_REFRESH_TOKEN = `${'release-check'.padEnd(22, '_')}.0.${'A'.repeat(43)}`;

/** Of no feed: its hash is looked up. */
const UNKNOWN_FEED = { feedToken: 'A'.repeat(43) };

const REFUSED = { status: 401 } as const;
const NOT_FOUND = { status: 404 } as const;

/**
 * The probes of each function, by its folder in functions/. A contract test demands one for each kind of route. None
 * writes anything, sends a mail or counts for a rate limit, and none needs an account.
 */
export const PROBES: Readonly<Record<string, readonly Probe[]>> = {
  auth: [
    { route: 'GET /.well-known/jwks.json', expected: { status: 200 }, proves: 'the public keys are read' },
    { route: 'POST /auth/login', body: {}, expected: { status: 400 }, proves: 'an invalid body is refused' },
    {
      route: 'POST /auth/refresh',
      body: { refreshToken: UNKNOWN_REFRESH_TOKEN },
      expected: REFUSED,
      proves: 'the database and the refresh key are read',
    },
    { route: 'GET /auth/me', expected: REFUSED, proves: 'a missing token is refused' },
    {
      route: 'GET /auth/me',
      headers: FORGED_TOKEN,
      expected: REFUSED,
      proves: 'a forged token is refused by keys that were read',
    },
    { route: 'PATCH /auth/me', body: {}, expected: REFUSED, proves: 'a missing token is refused before the body' },
  ],
  authorizer: [
    {
      route: 'GET /courses/{courseId}/lessons/{lessonId}',
      path: NOWHERE,
      headers: FORGED_TOKEN,
      // API Gateway answers 401 for this error. Any other is a failure of the authorizer.
      expected: { error: 'Unauthorized' },
      proves: 'a forged token is refused by keys that were read',
    },
  ],
  courses: [
    { route: 'GET /courses', expected: { status: 200 }, proves: 'the catalog is read' },
    {
      route: 'GET /courses/{courseId}',
      path: { courseId: NOWHERE.courseId },
      expected: NOT_FOUND,
      proves: 'outlines are looked up',
    },
    {
      route: 'GET /courses/{courseId}/previews/{lessonId}',
      path: NOWHERE,
      expected: NOT_FOUND,
      proves: 'previews are looked up',
    },
    {
      route: 'GET /courses/{courseId}/lessons/{lessonId}',
      path: NOWHERE,
      authorizer: { principalId: 'release-check' },
      expected: NOT_FOUND,
      proves: 'lessons are looked up',
    },
    {
      route: 'GET /courses/{courseId}/lessons/{lessonId}',
      path: NOWHERE,
      expected: { status: 403 },
      proves: 'lessons are refused without the authorizer',
    },
  ],
  'media-url': [
    {
      route: 'GET /courses/{courseId}/previews/{lessonId}/media-url',
      path: NOWHERE,
      expected: NOT_FOUND,
      proves: 'the signing key and the database are read',
    },
    {
      route: 'GET /courses/{courseId}/lessons/{lessonId}/media-url',
      path: NOWHERE,
      expected: REFUSED,
      proves: 'a missing token is refused',
    },
    {
      route: 'GET /courses/{courseId}/lessons/{lessonId}/media-url',
      path: NOWHERE,
      headers: FORGED_TOKEN,
      expected: REFUSED,
      proves: 'a forged token is refused by keys that were read',
    },
    {
      route: 'POST /courses/{courseId}/media-urls',
      path: { courseId: NOWHERE.courseId },
      body: {},
      expected: REFUSED,
      proves: 'a missing token is refused before the body',
    },
  ],
  podcast: [
    { route: 'GET /feeds/{feedToken}', path: UNKNOWN_FEED, expected: NOT_FOUND, proves: 'feeds are looked up' },
    { route: 'HEAD /feeds/{feedToken}', path: UNKNOWN_FEED, expected: NOT_FOUND, proves: 'feeds are looked up' },
    {
      route: 'GET /feeds/{feedToken}/episodes/{lessonId}',
      path: { ...UNKNOWN_FEED, lessonId: NOWHERE.lessonId },
      expected: NOT_FOUND,
      proves: 'the signing key and episodes are read',
    },
    {
      route: 'POST /courses/{courseId}/feed',
      path: { courseId: NOWHERE.courseId },
      expected: REFUSED,
      proves: 'a missing token is refused',
    },
    {
      route: 'DELETE /courses/{courseId}/feed',
      path: { courseId: NOWHERE.courseId },
      headers: FORGED_TOKEN,
      expected: REFUSED,
      proves: 'a forged token is refused by keys that were read',
    },
  ],
  progress: [
    { route: 'GET /progress', expected: REFUSED, proves: 'a missing token is refused' },
    {
      route: 'GET /progress',
      headers: FORGED_TOKEN,
      expected: REFUSED,
      proves: 'a forged token is refused by keys that were read',
    },
    { route: 'POST /progress/sync', body: {}, expected: REFUSED, proves: 'a missing token is refused before the body' },
  ],
};
