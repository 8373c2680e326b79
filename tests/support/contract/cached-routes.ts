/**
 * All routes that the stage cache of any deployed version has kept. Each has an entry in MethodSettings for as long as
 * the route exists, with `CachingEnabled: false` once its answers may no longer be cached: CloudFormation leaves the
 * stage's setting of a method as it is when its entry disappears. Add cached routes here, and remove none.
 */
export const EVER_CACHED: readonly string[] = [
  'GET /courses',
  'GET /courses/{courseId}',
  'GET /courses/{courseId}/previews/{lessonId}',
  'GET /courses/{courseId}/lessons/{lessonId}',
  'GET /.well-known/jwks.json',
];
