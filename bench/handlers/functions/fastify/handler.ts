import { awsLambdaFastify } from '@fastify/aws-lambda';
import Fastify, { type FastifyRequest, type RouteShorthandOptions } from 'fastify';
import { learnerOf } from '../../work/access-token.ts';
import { type Learner, type PositionRequest, recordPosition } from '../../work/record-position.ts';
import { Refusal, refusalBody } from '../../work/refusal.ts';
import { jsonCompiler, textCompiler } from '../../work/schema-compilers.ts';
import { answerSchema, bodySchema, pathSchema, querySchema } from '../../work/schemas.ts';

/**
 * Fastify as it wants to be used: it validates by the schemas itself, compiled when the app gets ready, and writes
 * answers by a serializer compiled from theirs. A compiler of one's own for each part of a request is how its
 * documentation ("Validation and Serialization") has text coerced and JSON not.
 */
const app = Fastify().setValidatorCompiler(({ schema, httpPart }) =>
  (httpPart === 'body' ? jsonCompiler : textCompiler).compile(schema),
);

interface Position {
  Params: PositionRequest['path'];
  Querystring: PositionRequest['query'];
  Body: PositionRequest['body'];
}

const schema: RouteShorthandOptions['schema'] = {
  params: pathSchema,
  querystring: querySchema,
  body: bodySchema,
  response: { 200: answerSchema },
};

function record({ params, query, body }: FastifyRequest<Position>, learner: Learner | null) {
  return recordPosition({ path: params, query, body }, learner);
}

app.decorateRequest('learner', null);
app.post<Position>(
  '/courses/:courseId/lessons/:lessonId/positions',
  {
    schema,
    onRequest: (request, _reply, done) => {
      request.setDecorator('learner', learnerOf(request.headers.authorization));
      done();
    },
  },
  async (request) => record(request, request.getDecorator<Learner>('learner')),
);
app.post<Position>('/open/courses/:courseId/lessons/:lessonId/positions', { schema }, async (request) =>
  record(request, null),
);

app.setErrorHandler((error, request, reply) => {
  const refusal = asRefusal(error);
  if (refusal === null) throw error;
  return reply.status(refusal.status).send(refusalBody(refusal, request.id));
});

function asRefusal(error: unknown): Refusal | null {
  if (error instanceof Refusal) return error;
  if (error instanceof SyntaxError) return new Refusal('invalid-json');
  return error instanceof Error && 'validation' in error ? new Refusal('invalid-request') : null;
}

// Without `awsLambda` on each request, which nothing here reads: it costs random bytes and a map entry.
export const handler = awsLambdaFastify(app, { decorateRequest: false });

await app.ready();
