import {
  type FunctionConfiguration,
  GetAliasCommand,
  GetFunctionConfigurationCommand,
  type LambdaClient,
  PublishVersionCommand,
  paginateListVersionsByFunction,
  UpdateFunctionCodeCommand,
} from '@aws-sdk/client-lambda';
import { Refusal } from './refusal.ts';
import type { Uploaded } from './upload.ts';

/** The alias that API Gateway calls: `AutoPublishAlias` in template.yaml. */
export const ALIAS = 'live';

/** How often Lambda is asked whether it has finished. */
const POLL_MS = 1000;

/** Lambda takes seconds for a bundle of a few MB, and a minute with a VPC. */
const PATIENCE_MS = 300_000;

/** What a version freezes besides its code, and `UpdateFunctionCode` leaves alone ("Lambda function versions"). */
const FROZEN = [
  'Architectures',
  'DeadLetterConfig',
  'Environment',
  'EphemeralStorage',
  'FileSystemConfigs',
  'Handler',
  'KMSKeyArn',
  'Layers',
  'LoggingConfig',
  'MemorySize',
  'Role',
  'Runtime',
  'Timeout',
  'TracingConfig',
  'VpcConfig',
] as const satisfies readonly (keyof FunctionConfiguration)[];

/** A function in Lambda. */
export interface LambdaFunction {
  readonly client: LambdaClient;
  readonly functionName: string;
  readonly pause: (milliseconds: number) => Promise<void>;
}

/** Where the alias sends requests. */
export interface Live {
  readonly version: string;
  /** Shares of other versions, during a deployment. */
  readonly weights: Readonly<Record<string, number>>;
}

export async function readLive({ client, functionName: FunctionName }: LambdaFunction): Promise<Live> {
  const { FunctionVersion, RoutingConfig } = await client.send(new GetAliasCommand({ FunctionName, Name: ALIAS }));
  if (FunctionVersion === undefined) throw new Error(`The alias ${ALIAS} of ${FunctionName} has no version`);
  return { version: FunctionVersion, weights: RoutingConfig?.AdditionalVersionWeights ?? {} };
}

/**
 * Reads a version, or the unpublished function, once Lambda has finished with it.
 * @throws Refusal if Lambda does not finish, or failed.
 */
export async function readSettled(fn: LambdaFunction, version?: string): Promise<FunctionConfiguration> {
  for (let waitedMs = 0; waitedMs < PATIENCE_MS; waitedMs += POLL_MS) {
    const configuration = await fn.client.send(
      new GetFunctionConfigurationCommand({
        FunctionName: fn.functionName,
        ...(version !== undefined && { Qualifier: version }),
      }),
    );
    const { State, StateReason, LastUpdateStatus, LastUpdateStatusReason } = configuration;
    const what = version === undefined ? fn.functionName : `version ${version} of ${fn.functionName}`;
    if (State === 'Failed') throw new Refusal(`Lambda could not create ${what}: ${StateReason}`);
    if (LastUpdateStatus === 'Failed') throw new Refusal(`Lambda could not update ${what}: ${LastUpdateStatusReason}`);
    if (State !== 'Pending' && LastUpdateStatus !== 'InProgress') return configuration;
    await fn.pause(POLL_MS);
  }
  throw new Refusal(`Lambda has not finished with ${fn.functionName} for ${PATIENCE_MS / 1000} s. Try again later.`);
}

/** Returns the names of the frozen properties in which two configurations differ. Values may contain secrets. */
export function differingProperties(one: FunctionConfiguration, other: FunctionConfiguration): readonly string[] {
  return FROZEN.filter((property) => canonical(one[property]) !== canonical(other[property]));
}

/** Compares regardless of the order of keys, and takes an empty value for a missing one, as Lambda does. */
function canonical(value: unknown): string {
  return (
    JSON.stringify(value, (_, entry: unknown) => {
      if (typeof entry !== 'object' || entry === null || Array.isArray(entry)) return entry === '' ? undefined : entry;
      const kept = Object.entries(entry).filter(([key, inner]) => key !== 'CodeSize' && !isEmpty(inner));
      return Object.fromEntries(kept.sort(([a], [b]) => (a < b ? -1 : 1)));
    }) ?? '{}'
  );
}

function isEmpty(value: unknown): boolean {
  return value === undefined || value === null || value === '' || (Array.isArray(value) && value.length === 0);
}

/** Finds the newest version with this code and the configuration of the unpublished function. */
export async function findVersion(
  { client, functionName: FunctionName }: LambdaFunction,
  codeSha256: string,
  latest: FunctionConfiguration,
): Promise<string | null> {
  let found: string | null = null;
  for await (const { Versions = [] } of paginateListVersionsByFunction({ client }, { FunctionName })) {
    for (const version of Versions) {
      const isSame = version.CodeSha256 === codeSha256 && differingProperties(version, latest).length === 0;
      if (!isSame || version.Version === undefined || version.Version === '$LATEST') continue;
      if (found === null || Number(version.Version) > Number(found)) found = version.Version;
    }
  }
  return found;
}

/**
 * Gives the unpublished function this code.
 * @throws Refusal if somebody else changed the function in between.
 */
export async function updateCode(
  fn: LambdaFunction,
  { bucket, key }: Uploaded,
  latest: FunctionConfiguration,
): Promise<FunctionConfiguration> {
  await fn.client
    .send(
      new UpdateFunctionCodeCommand({
        FunctionName: fn.functionName,
        S3Bucket: bucket,
        S3Key: key,
        // "The default value is x86_64" (UpdateFunctionCode).
        ...(latest.Architectures !== undefined && { Architectures: latest.Architectures }),
        ...(latest.RevisionId !== undefined && { RevisionId: latest.RevisionId }),
      }),
    )
    .catch(refuseConcurrentChange(fn));
  return readSettled(fn);
}

/**
 * Publishes the unpublished function, if it still has this code.
 * @throws Refusal if it has other code by now.
 */
export async function publish(fn: LambdaFunction, codeSha256: string, description: string): Promise<string> {
  const { Version } = await fn.client
    .send(
      new PublishVersionCommand({ FunctionName: fn.functionName, CodeSha256: codeSha256, Description: description }),
    )
    .catch(refuseConcurrentChange(fn));
  if (Version === undefined) throw new Error(`Lambda did not say which version of ${fn.functionName} it published`);
  await readSettled(fn, Version);
  return Version;
}

/** What Lambda answers when the function is not what this command has just read. */
const CONCURRENT_CHANGES = ['PreconditionFailedException', 'ResourceConflictException'];

function refuseConcurrentChange({ functionName }: LambdaFunction) {
  return (error: unknown): never => {
    const isConcurrent =
      error instanceof Error &&
      (CONCURRENT_CHANGES.includes(error.name) ||
        (error.name === 'InvalidParameterValueException' && /codesha256/i.test(error.message)));
    if (!isConcurrent) throw error;
    throw new Refusal(
      `Somebody else is deploying ${functionName} at the same time. Nothing live was changed. Agree with them, then ` +
        'run the same command again.',
    );
  };
}
