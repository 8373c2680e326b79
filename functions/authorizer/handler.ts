import type { APIGatewayAuthorizerResult, APIGatewayRequestAuthorizerEvent } from 'aws-lambda';
import { asProblem } from '../../shared/http/problem.ts';
import { requestLogger } from '../../shared/logger.ts';
import { authorizeRead } from './authorize-read.ts';
import { readPolicy } from './policy.ts';

/**
 * The API's authorizer: decides for API Gateway who may read a lesson that the stage cache may hold already.
 *
 * It answers with a policy, which API Gateway keeps for a while, or fails, which API Gateway forgets: with the error
 * `Unauthorized` where the token is at fault (gateway response UNAUTHORIZED), with any other where we are
 * (AUTHORIZER_FAILURE). API Gateway alone calls it, so it has no contract and no `createHandler`.
 */
export async function handler(event: APIGatewayRequestAuthorizerEvent): Promise<APIGatewayAuthorizerResult> {
  try {
    const { courseId = '', lessonId = '' } = event.pathParameters ?? {};
    const { claims, mayRead } = await authorizeRead(event, courseId);
    return readPolicy(event.methodArn, [courseId, lessonId], claims, mayRead);
  } catch (error) {
    throw failureOf(error, event);
  }
}

/** Logs what went wrong, and makes the error of it that API Gateway understands and Lambda may log. */
function failureOf(error: unknown, { requestContext, httpMethod, resource }: APIGatewayRequestAuthorizerEvent): Error {
  const failure = asProblem(error);
  const log = requestLogger(requestContext.requestId);
  const line = { code: failure.code, status: failure.status, route: `${httpMethod} ${resource}` };
  if (failure.status === 401) {
    log.info('Request refused', line);
    // To the letter: with any other message the client is told of a failure of ours.
    return new Error('Unauthorized');
  }
  // An alarm listens for this message (template.yaml): Lambda counts both kinds of error as one.
  log.error('Authorization failed', line, { error: failure.options.cause as Error });
  return new AuthorizationFailure(failure.code);
}

/** Says no more than the code, since Lambda logs it. */
class AuthorizationFailure extends Error {
  override readonly name = 'AuthorizationFailure';
}
