import middy from '@middy/core';
import httpErrorHandler from '@middy/http-error-handler';
import httpHeaderNormalizer from '@middy/http-header-normalizer';
import httpJsonBodyParser from '@middy/http-json-body-parser';
import httpRouter from '@middy/http-router';
import validator from '@middy/validator';
import type { APIGatewayProxyEvent, APIGatewayProxyResult } from 'aws-lambda';
import { learnerOf } from '../../work/access-token.ts';
import { type Learner, type PositionRequest, recordPosition } from '../../work/record-position.ts';
import { Refusal, refusalBody } from '../../work/refusal.ts';
import { isBody, isPath, isQuery } from '../../work/validators.ts';

type Middleware = middy.MiddlewareObj<APIGatewayProxyEvent, APIGatewayProxyResult>;

const learners = new WeakMap<APIGatewayProxyEvent, Learner>();

const withToken: Middleware = {
  before: ({ event }) => {
    learners.set(event, learnerOf(event.headers['authorization']));
  },
};

/** The validator takes one function for the whole event; path and query are coerced there and the body is not. */
function isPositionEvent(event: Readonly<Record<string, unknown>>): boolean {
  return isPath(event['pathParameters']) && isQuery(event['queryStringParameters']) && isBody(event['body']);
}

/** Refusals by middy and by the work, in the form that all handlers of the bench answer with. */
const refusals: Middleware = {
  onError: (request) => {
    const refusal = asRefusal(request.error);
    if (refusal === null) return;
    request.response = json(refusal.status, refusalBody(refusal, request.event.requestContext.requestId));
  },
};

function asRefusal(error: (Error & { readonly statusCode?: number }) | null | undefined): Refusal | null {
  if (error instanceof Refusal) return error;
  if (error?.statusCode === 422) return new Refusal('invalid-json');
  return error?.statusCode === 400 ? new Refusal('invalid-request') : null;
}

function json(statusCode: number, body: object): APIGatewayProxyResult {
  return { statusCode, headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) };
}

async function record(event: APIGatewayProxyEvent): Promise<APIGatewayProxyResult> {
  const { pathParameters, queryStringParameters, body } = event;
  // Parsed and validated by the middlewares before, which the event's type does not know.
  const request = { path: pathParameters, query: queryStringParameters, body } as unknown as PositionRequest;
  return json(200, recordPosition(request, learners.get(event) ?? null));
}

const parsed = httpJsonBodyParser<APIGatewayProxyEvent>() as Middleware;
// The declared type asks for an instance of ajv; what it takes, says its documentation, is a compiled schema.
const validated = validator({ eventSchema: isPositionEvent as never }) as Middleware;

/** Middy with its middlewares for JSON over HTTP, and its router. */
export const handler = middy<APIGatewayProxyEvent, APIGatewayProxyResult>()
  .use(httpHeaderNormalizer())
  .use(httpErrorHandler({ logger: false }))
  .use(refusals)
  .handler(
    httpRouter<APIGatewayProxyEvent, APIGatewayProxyResult>([
      {
        method: 'POST',
        path: '/courses/{courseId}/lessons/{lessonId}/positions',
        handler: recordAfter(withToken, parsed, validated),
      },
      {
        method: 'POST',
        path: '/open/courses/{courseId}/lessons/{lessonId}/positions',
        handler: recordAfter(parsed, validated),
      },
    ]),
  );

function recordAfter(...middlewares: readonly Middleware[]) {
  const route = middy<APIGatewayProxyEvent, APIGatewayProxyResult>(record);
  for (const middleware of middlewares) route.use(middleware);
  return route;
}
