import express, { type ErrorRequestHandler, type RequestHandler } from 'express';
import serverless from 'serverless-http';
import { listCourses } from '../../../../functions/courses/catalog.ts';
import { contract } from '../../../../functions/courses/contract.ts';
import { findPreview } from '../../../../functions/courses/lesson.ts';
import { findCourse } from '../../../../functions/courses/outline.ts';
import { Problem, problem, problemBody } from '../../../../shared/http/problem.ts';

/*
 * The design to compare with: every route in one Lambda, by Express; here those that are open to anyone. It asks the
 * same services and so sends the same queries, and has, in its favour, the validators that are compiled ahead of time.
 */

const app = express().disable('x-powered-by').disable('etag');

/** Checks and coerces path and query by the schemas of a route. */
function checked(key: string): RequestHandler {
  const validators = contract.runtime[key]?.validators;
  return (request, response, next) => {
    const query = { ...request.query };
    if (validators?.path?.(request.params) === false || validators?.query?.(query) === false) {
      throw problem('invalid-request');
    }
    response.locals['query'] = query;
    next();
  };
}

app.get('/courses', checked('GET /courses'), async (_request, response) => {
  response.json(await listCourses(response.locals['query']));
});
app.get('/courses/:courseId', checked('GET /courses/{courseId}'), async (request, response) => {
  response.json(await findCourse(String(request.params['courseId'])));
});
app.get(
  '/courses/:courseId/previews/:lessonId',
  checked('GET /courses/{courseId}/previews/{lessonId}'),
  async (request, response) => {
    response.json(await findPreview(String(request.params['courseId']), String(request.params['lessonId'])));
  },
);

const refuse: ErrorRequestHandler = (error, request, response, next) => {
  if (!(error instanceof Problem)) return next(error);
  response.status(error.status).json(problemBody(error, request.get('x-request-id') ?? ''));
};
app.use(refuse);

export const handler = serverless(app);
