import type { APIGatewayProxyEvent, APIGatewayProxyResult } from 'aws-lambda';
import { learnerOf } from '../../work/access-token.ts';
import { type PositionRequest, recordPosition } from '../../work/record-position.ts';
import { Refusal, refusalBody } from '../../work/refusal.ts';
// The build puts validators compiled ahead of time in its place, the same ones that Lectern's handler has.
import { contract } from '../lectern/contract.ts';

const WITH_TOKEN = 'POST /courses/{courseId}/lessons/{lessonId}/positions';

const validators = contract.runtime[WITH_TOKEN]?.validators;

/** By hand and for this route alone: nothing that the work does not ask for. What any framework is measured against. */
export async function handler(event: APIGatewayProxyEvent): Promise<APIGatewayProxyResult> {
  try {
    const route = `${event.httpMethod} ${event.resource}`;
    const learner = route === WITH_TOKEN ? learnerOf(event.headers['Authorization']) : null;
    return answer(200, recordPosition(checkedRequest(event), learner));
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return answer(error.status, refusalBody(error, event.requestContext.requestId));
  }
}

function checkedRequest({ pathParameters: path, queryStringParameters, body: text }: APIGatewayProxyEvent) {
  const query = queryStringParameters ?? {};
  const body = parsed(text ?? '');
  if (!validators?.path?.(path) || !validators.query?.(query) || !validators.body?.(body)) {
    throw new Refusal('invalid-request');
  }
  return { path, query, body } as unknown as PositionRequest;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Refusal('invalid-json');
  }
}

function answer(statusCode: number, body: object): APIGatewayProxyResult {
  return { statusCode, headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) };
}
