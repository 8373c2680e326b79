import { Router } from '@aws-lambda-powertools/event-handler/http';
import type { Middleware, RequestContext } from '@aws-lambda-powertools/event-handler/types';
import type { APIGatewayProxyEvent, Context } from 'aws-lambda';
import { learnerOf } from '../../work/access-token.ts';
import { type Learner, recordPosition } from '../../work/record-position.ts';
import { Refusal, refusalBody } from '../../work/refusal.ts';
import { checkedRequest } from '../../work/validators.ts';

/** Powertools' router. Its validation takes Standard Schema, which ajv is not: so ajv is asked in the route. */
const app = new Router();

const withToken: Middleware = async ({ reqCtx, next }) => {
  reqCtx.set('learner', learnerOf(reqCtx.req.headers.get('authorization') ?? undefined));
  await next();
};

async function record(context: RequestContext): Promise<Response> {
  const body: unknown = await context.req.json();
  const query = { ...context.event.queryStringParameters };
  const learner = (context.get('learner') as Learner | undefined) ?? null;
  return Response.json(recordPosition(checkedRequest(context.params, query, body), learner));
}

app.post('/courses/:courseId/lessons/:lessonId/positions', [withToken], record);
app.post('/open/courses/:courseId/lessons/:lessonId/positions', record);

app.errorHandler(Refusal, async (refusal, { event }) => refused(refusal, event));
app.errorHandler(SyntaxError, async (_error, { event }) => refused(new Refusal('invalid-json'), event));

function refused(refusal: Refusal, { requestContext }: RequestContext['event']): Response {
  const requestId = 'requestId' in requestContext ? requestContext.requestId : '';
  return Response.json(refusalBody(refusal, requestId), { status: refusal.status });
}

export const handler = (event: APIGatewayProxyEvent, context: Context) => app.resolve(event, context);
