import type { APIGatewayAuthorizerResult } from 'aws-lambda';
import type { AccessTokenClaims } from '../../shared/auth/verify-access-token.ts';

/** A segment without special characters: in the ARN of a policy, `*`, `?` and `${` are patterns. */
const PLAIN_SEGMENT = /^[\w-]{1,64}$/;

/**
 * Builds the policy for exactly one request ("Output from an API Gateway Lambda authorizer"). API Gateway caches it by
 * token and path, so the ARN of the method, which contains the path, is neither too wide nor too narrow.
 * @param pathParameters of the request. Only plain names are allowed, so that no ARN is a pattern.
 */
export function readPolicy(
  methodArn: string,
  pathParameters: readonly string[],
  { sub, sid, roles }: AccessTokenClaims,
  mayRead: boolean,
): APIGatewayAuthorizerResult {
  const isAllowed = mayRead && pathParameters.every((value) => PLAIN_SEGMENT.test(value));
  return {
    principalId: sub,
    policyDocument: {
      Version: '2012-10-17',
      Statement: [{ Action: 'execute-api:Invoke', Effect: isAllowed ? 'Allow' : 'Deny', Resource: methodArn }],
    },
    // Strings only: API Gateway refuses lists and objects here.
    context: { sessionId: sid, roles: roles.join(' ') },
  };
}
