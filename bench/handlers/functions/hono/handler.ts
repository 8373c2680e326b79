import { type Context, Hono } from 'hono';
import { handle } from 'hono/aws-lambda';
import { createMiddleware } from 'hono/factory';
import { learnerOf } from '../../work/access-token.ts';
import { type Learner, recordPosition } from '../../work/record-position.ts';
import { Refusal, refusalBody } from '../../work/refusal.ts';
import { checkedRequest } from '../../work/validators.ts';

interface Env {
  Variables: { learner: Learner };
}

/** Hono by its own adapter for Lambda. */
const app = new Hono<Env>();

const withToken = createMiddleware<Env>(async (context, next) => {
  context.set('learner', learnerOf(context.req.header('authorization')));
  await next();
});

async function record(context: Context<Env>, learner: Learner | null) {
  const body: unknown = await context.req.json();
  return context.json(recordPosition(checkedRequest(context.req.param(), context.req.query(), body), learner));
}

app.post('/courses/:courseId/lessons/:lessonId/positions', withToken, (context) =>
  record(context, context.get('learner')),
);
app.post('/open/courses/:courseId/lessons/:lessonId/positions', (context) => record(context, null));

app.onError((error, context) => {
  const refusal = error instanceof SyntaxError ? new Refusal('invalid-json') : error;
  if (!(refusal instanceof Refusal)) throw error;
  return context.json(refusalBody(refusal, context.req.header('x-request-id') ?? ''), {
    status: refusal.status as 400 | 401,
  });
});

export const handler = handle(app);
