import type { DeploymentEnvironment } from './environment.ts';

type ClientOptions = Readonly<{ region: string; profile?: string }>;

/**
 * Creates the client of an AWS service for an environment: `clientFor(environment, SSMClient)`. The SDK finds the
 * credentials, and other addresses of services in `AWS_ENDPOINT_URL_…`.
 */
export function clientFor<Client>(
  { region, profile }: Pick<DeploymentEnvironment, 'region' | 'profile'>,
  Service: new (options: ClientOptions) => Client,
): Client {
  return new Service({ region, ...(profile !== null && { profile }) });
}
