import type { APIGatewayRequestAuthorizerEvent } from 'aws-lambda';
import { apiEvent } from './api-event.ts';

/** Builds what API Gateway sends its authorizer for a lesson request. */
export function authorizerEvent(
  { courseId, lessonId }: { readonly courseId: string; readonly lessonId: string },
  headers: Readonly<Record<string, string>>,
): APIGatewayRequestAuthorizerEvent {
  const event = apiEvent('GET /courses/{courseId}/lessons/{lessonId}', { path: { courseId, lessonId }, headers });
  return {
    type: 'REQUEST',
    methodArn: `arn:aws:execute-api:eu-west-1:123456789012:tests/v1/GET${event.path}`,
    resource: event.resource,
    path: event.path,
    httpMethod: event.httpMethod,
    headers: event.headers,
    multiValueHeaders: event.multiValueHeaders,
    queryStringParameters: {},
    multiValueQueryStringParameters: {},
    pathParameters: { ...event.pathParameters },
    stageVariables: {},
    requestContext: event.requestContext as unknown as APIGatewayRequestAuthorizerEvent['requestContext'],
  };
}
