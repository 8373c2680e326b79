import { createHandler } from '../../../../shared/http/handler.ts';
import { problem } from '../../../../shared/http/problem.ts';
import { learnerOf } from '../../work/access-token.ts';
import { recordPosition } from '../../work/record-position.ts';
import { Refusal } from '../../work/refusal.ts';
import { contract } from '../lectern/contract.ts';

/** This project's handler with the peers' verification of tokens: what is left of a difference is `createHandler`. */
export const handler = createHandler(
  contract,
  {
    'POST /courses/{courseId}/lessons/{lessonId}/positions': ({ principal, ...request }) =>
      recordPosition(request, principal),
    'POST /open/courses/{courseId}/lessons/{lessonId}/positions': (request) => recordPosition(request, null),
  },
  {
    authenticate: ({ headers }) => {
      try {
        return { ...learnerOf(headers['Authorization']), epoch: 0 };
      } catch (error) {
        throw error instanceof Refusal ? problem(error.code) : error;
      }
    },
  },
);
