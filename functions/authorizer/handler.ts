import type { APIGatewayAuthorizerResult, APIGatewayRequestAuthorizerEvent } from 'aws-lambda';
import { asProblem, failureCode } from '../../shared/http/problem.ts';
import { requestLogger } from '../../shared/logger.ts';
import { prepared } from '../../shared/prepare.ts';
import { traced } from '../../shared/telemetry/tracing.ts';
import { authorizeRead } from './authorize-read.ts';
import { readPolicy } from './policy.ts';

/**
 * The API's authorizer. It tells API Gateway who may read a lesson, which may be in the stage cache already.
 *
 * It returns a policy, which API Gateway caches, or throws an error, which API Gateway does not cache: `Unauthorized`
 * for an invalid token (gateway response UNAUTHORIZED), any other for a failure of our own (AUTHORIZER_FAILURE). Only
 * API Gateway calls it, so it has no contract and no `createHandler`.
 */
export const handler = prepared(
  async (event: APIGatewayRequestAuthorizerEvent): Promise<APIGatewayAuthorizerResult> => {
    try {
      const { courseId = '', lessonId = '' } = event.pathParameters ?? {};
      const request = { name: 'authorize', requestId: event.requestContext.requestId, failureCode };
      const { claims, mayRead } = await traced(request, () => authorizeRead(event, courseId));
      return readPolicy(event.methodArn, [courseId, lessonId], claims, mayRead);
    } catch (error) {
      throw failureOf(error, event);
    }
  },
);

/** Logs the failure and converts it to the error that API Gateway understands and Lambda may log. */
function failureOf(error: unknown, { requestContext, httpMethod, resource }: APIGatewayRequestAuthorizerEvent): Error {
  const failure = asProblem(error);
  const log = requestLogger(requestContext.requestId);
  const line = { code: failure.code, status: failure.status, route: `${httpMethod} ${resource}` };
  if (failure.status === 401) {
    log.info('Request refused', line);
    // API Gateway answers 401 for exactly this message, and 500 for any other.
    return new Error('Unauthorized');
  }
  // Alarms count these lines by their status (template.yaml), because Lambda counts both kinds of error as one. Whatever
  // the problem is, API Gateway fails the request.
  const status = Math.max(failure.status, 500);
  log.error('Authorization failed', { ...line, status }, { error: failure.options.cause as Error });
  return new AuthorizationFailure(failure.code);
}

/** Contains nothing but the code of the problem, because Lambda logs the error. */
class AuthorizationFailure extends Error {
  override readonly name = 'AuthorizationFailure';
}
