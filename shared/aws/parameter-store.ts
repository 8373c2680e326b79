import { SSMProvider } from '@aws-lambda-powertools/parameters/ssm';
import type { GetParametersCommand, SSMClient } from '@aws-sdk/client-ssm';
import { callAws } from './call-aws.ts';

/**
 * Parameter Store throttles an account at 40 calls per second by default, so many containers that start together must
 * take turns. Three attempts, the default of AWS clients, give up while the deadline still allows another one.
 */
const MAX_ATTEMPTS = 5;

const GET_PARAMETERS = {
  service: 'ssm',
  host: 'ssm',
  endpointName: 'SSM',
  path: '/',
  headers: { 'Content-Type': 'application/x-amz-json-1.1', 'X-Amz-Target': 'AmazonSSM.GetParameters' },
} as const;

/**
 * Returns Parameter Store, of which functions use `getParametersByName` with `decrypt`. A bundle contains no other
 * operation (tools/build/parameters-plugin.ts).
 * @param signal ends its calls
 */
export function parameterStore(signal: AbortSignal): SSMProvider {
  const client = {
    config: {},
    // Powertools adds its name to the user agent here.
    middlewareStack: { identify: () => [], addRelativeTo: () => undefined },
    send: ({ input }: GetParametersCommand) => callAws(GET_PARAMETERS, input, { attempts: MAX_ATTEMPTS, signal }),
  };
  return new SSMProvider({ awsSdkV3Client: client as unknown as SSMClient });
}
