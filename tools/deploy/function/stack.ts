import {
  CloudFormationClient,
  DescribeStacksCommand,
  GetTemplateCommand,
  paginateListStackResources,
  type Stack,
} from '@aws-sdk/client-cloudformation';
import { clientFor } from '../../environment/clients.ts';
import type { DeploymentEnvironment } from '../../environment/environment.ts';
import { isMapping } from '../../template/fields.ts';
import { parseTemplate } from '../../template/yaml.ts';

/** The bucket stack of `sam deploy --resolve-s3`, with its bucket as the output `SourceBucket`. */
const SAM_BUCKET_STACK = 'aws-sam-cli-managed-default';

/** What the stack's template says of the sources that it was made of. */
export interface DeployedSources {
  readonly template: string;
  /** Fingerprints of the contracts, by function. */
  readonly contracts: ReadonlyMap<string, string>;
}

/** The stack of an environment, as it is in AWS. */
export interface DeployedStack {
  readonly name: string;
  readonly status: string;
  readonly parameters: ReadonlyMap<string, string>;
  readonly outputs: ReadonlyMap<string, string>;
  /** Physical ids by logical id. */
  readonly resources: ReadonlyMap<string, string>;
  /** Null if it was not deployed by `npm run deploy`. */
  readonly sources: DeployedSources | null;
}

/** @throws Error if there is no such stack. */
export async function readStack(environment: DeploymentEnvironment): Promise<DeployedStack> {
  const client = clientFor(environment, CloudFormationClient);
  const stack = await describe(client, environment.stackName);
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
    outputs: outputsOf(stack),
    resources: await readResources(client, environment.stackName),
    sources: await readSources(client, environment.stackName),
  };
}

/**
 * Returns the bucket that `sam deploy --resolve-s3` uploads to.
 * @throws Error if the account has none in this region.
 */
export async function findSamBucket(environment: DeploymentEnvironment): Promise<string> {
  const stack = await describe(clientFor(environment, CloudFormationClient), SAM_BUCKET_STACK);
  const bucket = stack === null ? undefined : outputsOf(stack).get('SourceBucket');
  if (bucket !== undefined) return bucket;
  throw new Error(
    `There is no bucket for code in ${environment.region}: \`sam deploy\` creates it with the first stack ` +
      `(${SAM_BUCKET_STACK}). Or set s3_bucket in [${environment.configEnv}.deploy.parameters] of samconfig.toml.`,
  );
}

async function describe(client: CloudFormationClient, StackName: string): Promise<Stack | null> {
  try {
    const { Stacks = [] } = await client.send(new DescribeStacksCommand({ StackName }));
    return Stacks[0] ?? null;
  } catch (error) {
    // "If the stack doesn't exist, a ValidationError is returned" (DescribeStacks). A wrong name has the same code.
    if (error instanceof Error && error.name === 'ValidationError' && error.message.includes('does not exist'))
      return null;
    throw error;
  }
}

function outputsOf({ Outputs = [] }: Stack): ReadonlyMap<string, string> {
  return new Map(Outputs.map(({ OutputKey = '', OutputValue = '' }) => [OutputKey, OutputValue]));
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

async function readSources(client: CloudFormationClient, StackName: string): Promise<DeployedSources | null> {
  const { TemplateBody = '' } = await client.send(new GetTemplateCommand({ StackName, TemplateStage: 'Original' }));
  const lectern = at(parseTemplate(TemplateBody), 'Metadata', 'Lectern');
  const template = at(lectern, 'Template');
  const functions = at(lectern, 'Functions');
  if (typeof template !== 'string' || !isMapping(functions)) return null;
  const contracts = Object.entries(functions).map(([name, entry]) => [name, String(at(entry, 'Contract'))] as const);
  return { template, contracts: new Map(contracts) };
}

function at(value: unknown, ...path: readonly string[]): unknown {
  return path.reduce((found, name) => (isMapping(found) ? found[name] : undefined), value);
}
