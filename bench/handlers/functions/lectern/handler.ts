import { authenticate } from '../../../../shared/auth/authenticate.ts';
import { createHandler } from '../../../../shared/http/handler.ts';
import { recordPosition } from '../../work/record-position.ts';
import { contract } from './contract.ts';

/** The function as this project writes functions. */
export const handler = createHandler(
  contract,
  {
    'POST /courses/{courseId}/lessons/{lessonId}/positions': ({ principal, ...request }) =>
      recordPosition(request, principal),
    'POST /open/courses/{courseId}/lessons/{lessonId}/positions': (request) => recordPosition(request, null),
  },
  { authenticate },
);
