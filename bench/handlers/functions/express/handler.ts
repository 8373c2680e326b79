import express, { type ErrorRequestHandler, type RequestHandler } from 'express';
import serverless from 'serverless-http';
import { learnerOf } from '../../work/access-token.ts';
import { type Learner, recordPosition } from '../../work/record-position.ts';
import { Refusal, refusalBody } from '../../work/refusal.ts';
import { checkedRequest } from '../../work/validators.ts';

/**
 * Express in one Lambda by serverless-http. Left out, in its favour: the `X-Powered-By` header and the ETag of answers.
 */
const app = express().disable('x-powered-by').disable('etag');

const withToken: RequestHandler = (request, response, next) => {
  response.locals['learner'] = learnerOf(request.get('authorization'));
  next();
};

const record: RequestHandler = (request, response) => {
  // A copy, since Express parses the query again whenever it is asked for, and coercion writes to it.
  const checked = checkedRequest(request.params, { ...request.query }, request.body);
  response.json(recordPosition(checked, (response.locals['learner'] as Learner | undefined) ?? null));
};

const refuse: ErrorRequestHandler = (error, request, response, next) => {
  const refusal = error instanceof SyntaxError ? new Refusal('invalid-json') : error;
  if (!(refusal instanceof Refusal)) return next(error);
  response.status(refusal.status).json(refusalBody(refusal, request.get('x-request-id') ?? ''));
};

app.use(express.json({ limit: '256kb' }));
app.post('/courses/:courseId/lessons/:lessonId/positions', withToken, record);
app.post('/open/courses/:courseId/lessons/:lessonId/positions', record);
app.use(refuse);

export const handler = serverless(app);
