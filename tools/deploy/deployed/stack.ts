import { CloudFormationClient, paginateListStackResources } from '@aws-sdk/client-cloudformation';
import { clientFor } from '../../environment/clients.ts';
import type { DeploymentEnvironment } from '../../environment/environment.ts';
import { findStack, findStackTemplate, outputOf } from '../../environment/stack.ts';
import { type ReleaseMetadata, readReleaseMetadata } from '../../release/deployable-template.ts';

/** The bucket stack of `sam deploy --resolve-s3`, with its bucket as the output `SourceBucket`. */
const SAM_BUCKET_STACK = 'aws-sam-cli-managed-default';

/** The stack of an environment, as it is in AWS. */
export interface DeployedStack {
  readonly name: string;
  readonly status: string;
  readonly parameters: ReadonlyMap<string, string>;
  readonly apiUrl: string | null;
  /** Physical ids by logical id. */
  readonly resources: ReadonlyMap<string, string>;
  /** Null if it was not deployed by `npm run deploy`. */
  readonly sources: ReleaseMetadata | null;
}

/** @throws Error if there is no such stack. */
export async function readStack(environment: DeploymentEnvironment): Promise<DeployedStack> {
  const client = clientFor(environment, CloudFormationClient);
  const stack = await findStack(environment);
  if (stack === null) {
    const { name, stackName, region } = environment;
    throw new Error(
      `There is no stack ${stackName} in ${region}. Deploy it first: npm run deploy -- --environment ${name}`,
    );
  }
  return {
    name: environment.stackName,
    status: stack.StackStatus ?? 'unknown',
    parameters: new Map(
      (stack.Parameters ?? []).map(({ ParameterKey = '', ParameterValue = '' }) => [ParameterKey, ParameterValue]),
    ),
    apiUrl: outputOf(stack, 'ApiUrl'),
    resources: await readResources(client, environment.stackName),
    sources: readReleaseMetadata((await findStackTemplate(environment)) ?? ''),
  };
}

/**
 * Returns the bucket that `sam deploy --resolve-s3` uploads to.
 * @throws Error if the account has none in this region.
 */
export async function findSamBucket(environment: DeploymentEnvironment): Promise<string> {
  const stack = await findStack({ ...environment, stackName: SAM_BUCKET_STACK });
  const bucket = stack === null ? null : outputOf(stack, 'SourceBucket');
  if (bucket !== null) return bucket;
  throw new Error(
    `There is no bucket for code in ${environment.region}: \`sam deploy\` creates it with the first stack ` +
      `(${SAM_BUCKET_STACK}). Or set s3_bucket in [${environment.configEnv}.deploy.parameters] of samconfig.toml.`,
  );
}

/** Lists them, because DescribeStackResources returns only the first 100. */
async function readResources(client: CloudFormationClient, StackName: string): Promise<ReadonlyMap<string, string>> {
  const resources = new Map<string, string>();
  for await (const { StackResourceSummaries = [] } of paginateListStackResources({ client }, { StackName })) {
    for (const { LogicalResourceId = '', PhysicalResourceId } of StackResourceSummaries) {
      if (PhysicalResourceId !== undefined) resources.set(LogicalResourceId, PhysicalResourceId);
    }
  }
  return resources;
}
