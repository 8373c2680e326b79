import { authenticate } from '../../shared/auth/authenticate.ts';
import { createHandler } from '../../shared/http/handler.ts';
import { contract } from './contract.ts';
import { grantLesson, grantLessons, grantPreview } from './playback.ts';

export const handler = createHandler(
  contract,
  {
    'GET /courses/{courseId}/lessons/{lessonId}/media-url': ({ principal, path, query }) =>
      grantLesson(principal, path, query.purpose),
    'GET /courses/{courseId}/previews/{lessonId}/media-url': ({ path, query }) => grantPreview(path, query.purpose),
    'POST /courses/{courseId}/media-urls': ({ principal, path, body }) => grantLessons(principal, path.courseId, body),
  },
  { authenticate },
);
