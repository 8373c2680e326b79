import type { APIGatewayRequestAuthorizerEvent } from 'aws-lambda';
import { apiEvent } from './api-event.ts';

/** What API Gateway asks its authorizer about a request for a lesson. */
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
