import { authenticate } from '../../shared/auth/authenticate.ts';
import { createHandler } from '../../shared/http/handler.ts';
import { contract } from './contract.ts';
import { grantLesson, grantLessons, grantPreview } from './playback.ts';

export const handler = createHandler(
  contract,
  {
    'GET /courses/{courseId}/lessons/{lessonId}/media-url': ({ principal, path }) => grantLesson(principal, path),
    'GET /courses/{courseId}/previews/{lessonId}/media-url': ({ path }) => grantPreview(path),
    'POST /courses/{courseId}/media-urls': ({ principal, path, body }) =>
      grantLessons(principal, path.courseId, body.lessonIds),
  },
  { authenticate },
);
