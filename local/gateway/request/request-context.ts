import { createHash } from 'node:crypto';
import type { APIGatewayEventRequestContext } from 'aws-lambda';
import { type GatewayRequest, headerOf } from './request.ts';
import type { Match } from './routing.ts';

const ACCOUNT_ID = '000000000000';
const API_ID = 'local';

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** What functions get as `event.requestContext.authorizer`. */
export type AuthorizerContext = Readonly<Record<string, string | number>> & {
  readonly principalId: string;
  readonly integrationLatency: number;
};

export type RequestContext = Omit<APIGatewayEventRequestContext, 'authorizer'> & {
  readonly deploymentId: string;
  /** Set once an authorizer has let the request through. */
  readonly authorizer?: AuthorizerContext;
};

/**
 * Builds what functions get as `event.requestContext`, and gateway responses as `$context`.
 * @param path the path below the stage, as sent
 */
export function buildRequestContext(
  request: GatewayRequest,
  stage: string,
  path: string,
  match: Match | null,
): RequestContext {
  const domainName = headerOf(request, 'host') ?? 'localhost';
  const resourcePath = match?.resourcePath ?? '';
  return {
    accountId: ACCOUNT_ID,
    apiId: API_ID,
    deploymentId: 'local',
    domainName,
    domainPrefix: domainName.split('.')[0] ?? '',
    extendedRequestId: request.extendedId,
    httpMethod: request.method,
    identity: {
      accessKey: null,
      accountId: null,
      apiKey: null,
      apiKeyId: null,
      caller: null,
      clientCert: null,
      cognitoAuthenticationProvider: null,
      cognitoAuthenticationType: null,
      cognitoIdentityId: null,
      cognitoIdentityPoolId: null,
      principalOrgId: null,
      sourceIp: request.sourceIp,
      user: null,
      userAgent: headerOf(request, 'user-agent') ?? null,
      userArn: null,
    },
    path: `/${stage}${path}`,
    protocol: request.protocol,
    requestId: request.id,
    requestTime: commonLogTime(request.receivedAt),
    requestTimeEpoch: request.receivedAt.getTime(),
    resourceId: createHash('sha256').update(resourcePath).digest('hex').slice(0, 6),
    resourcePath,
    stage,
  };
}

/** Such as `09/Apr/2026:12:34:56 +0000`. */
function commonLogTime(time: Date): string {
  const [date = '', clock = ''] = time.toISOString().slice(0, 19).split('T');
  const [year, , day] = date.split('-');
  return `${day}/${MONTHS[time.getUTCMonth()]}/${year}:${clock} +0000`;
}
