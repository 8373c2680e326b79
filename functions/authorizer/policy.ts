import type { APIGatewayAuthorizerResult } from 'aws-lambda';
import type { AccessTokenClaims } from '../../shared/auth/verify-access-token.ts';

/** What stands for nothing but itself in the ARN of a policy, where `*`, `?` and `${` are patterns. */
const PLAIN_SEGMENT = /^[\w-]{1,64}$/;

/**
 * The policy for exactly one request ("Output from an API Gateway Lambda authorizer"). API Gateway keeps it under the
 * token and the path, so the ARN of the method, which holds that path, is neither too wide nor too narrow.
 * @param pathParameters of the request; leave to read is given for plain names only, so that no ARN is a pattern
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
    // Texts only: API Gateway refuses lists and objects here.
    context: { sessionId: sid, roles: roles.join(' ') },
  };
}
