import {
  DeleteFunctionCommand,
  type LambdaClient,
  paginateListAliases,
  paginateListVersionsByFunction,
} from '@aws-sdk/client-lambda';

/** How many versions of a function stay, besides those that something names. */
const KEPT_VERSIONS = 10;

/** A published version. Without one, DeleteFunction would delete the whole function. */
const NUMBER = /^[1-9]\d*$/;

/**
 * Deletes old versions of a function: all but the last ten, those that an alias sends requests to, and those named.
 * Returns what was deleted.
 */
export async function pruneVersions(
  client: LambdaClient,
  { functionName, named }: { readonly functionName: string; readonly named: readonly string[] },
): Promise<readonly string[]> {
  const input = { FunctionName: functionName };
  const versions: string[] = [];
  for await (const { Versions = [] } of paginateListVersionsByFunction({ client }, input)) {
    versions.push(...Versions.map(({ Version = '' }) => Version).filter((version) => NUMBER.test(version)));
  }
  versions.sort((one, other) => Number(other) - Number(one));

  // After the versions: one that an alias has got since is newer than all of them.
  const kept = new Set([...named, ...versions.slice(0, KEPT_VERSIONS)]);
  for await (const { Aliases = [] } of paginateListAliases({ client }, input)) {
    for (const { FunctionVersion = '', RoutingConfig } of Aliases) {
      kept.add(FunctionVersion);
      for (const version of Object.keys(RoutingConfig?.AdditionalVersionWeights ?? {})) kept.add(version);
    }
  }

  const old = versions.filter((version) => !kept.has(version));
  for (const Qualifier of old) await client.send(new DeleteFunctionCommand({ ...input, Qualifier }));
  return old;
}
