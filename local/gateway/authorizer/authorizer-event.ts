import type { APIGatewayRequestAuthorizerEvent } from 'aws-lambda';
import { REGION } from '../lambda/execution-environment.ts';
import { buildProxyEvent, type RoutedRequest } from '../request/proxy-event.ts';
import type { RequestContext } from '../request/request-context.ts';

export type AuthorizerEvent = Omit<APIGatewayRequestAuthorizerEvent, 'requestContext'> & {
  readonly requestContext: RequestContext;
};

/**
 * Builds the event of a REQUEST authorizer ("Input to an API Gateway Lambda authorizer"): that of the function without
 * the body, with an empty map in place of null.
 */
export function buildAuthorizerEvent(routed: Omit<RoutedRequest, 'body' | 'binaryMediaTypes'>): AuthorizerEvent {
  const event = buildProxyEvent({ ...routed, body: Buffer.alloc(0), binaryMediaTypes: [] });
  return {
    type: 'REQUEST',
    methodArn: methodArn(event.requestContext, event.path),
    resource: event.resource,
    path: event.path,
    httpMethod: event.httpMethod,
    headers: event.headers,
    multiValueHeaders: event.multiValueHeaders,
    queryStringParameters: event.queryStringParameters ?? {},
    multiValueQueryStringParameters: event.multiValueQueryStringParameters ?? {},
    pathParameters: event.pathParameters ?? {},
    stageVariables: event.stageVariables ?? {},
    requestContext: event.requestContext,
  };
}

/** The method with the path as requested, not as declared. */
function methodArn({ accountId, apiId, stage, httpMethod }: RequestContext, path: string): string {
  return `arn:aws:execute-api:${REGION}:${accountId}:${apiId}/${stage}/${httpMethod}${path}`;
}
