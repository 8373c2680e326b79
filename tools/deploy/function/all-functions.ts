import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type { DeploymentEnvironment } from '../../environment/environment.ts';
import { readTemplate } from '../../template/read-template.ts';
import { Refusal } from '../deployed/refusal.ts';
import { readStack } from '../deployed/stack.ts';
import { readLive, readSettled } from '../deployed/versions.ts';
import { findInProgress } from '../traffic/deployment.ts';
import { findTarget, type Target } from '../traffic/target.ts';
import { prune } from './finish.ts';

interface NamedTarget {
  readonly name: string;
  readonly target: Target;
}

/**
 * Returns the functions that CloudFormation cannot move: their alias is not at the version that the stack published,
 * or their unpublished code is not that of this version, because a deployment of it alone was rolled back.
 * @throws Refusal if a function is being deployed now, which would fail the deployment of the stack
 */
export async function findDeployedAlone(environment: DeploymentEnvironment, root: string): Promise<readonly string[]> {
  const found: string[] = [];
  for (const { name, target } of await findTargets(environment, root)) {
    const { fn, group, stackVersion } = target;
    const running = await findInProgress(group);
    if (running !== null) {
      throw new Refusal(
        `Deployment ${running.id} of ${name} is running. Run the same command again when it has ended.`,
      );
    }
    if (stackVersion === null) continue;
    const { version } = await readLive(fn);
    const isMoved = version !== stackVersion;
    if (isMoved || (await readSettled(fn)).CodeSha256 !== (await readSettled(fn, stackVersion)).CodeSha256)
      found.push(name);
  }
  return found;
}

/** Deletes old versions of all functions. A failure is only a warning. */
export async function pruneAll(
  environment: DeploymentEnvironment,
  root: string,
  print: (line: string) => void,
): Promise<void> {
  try {
    for (const { name, target } of await findTargets(environment, root)) await prune({ name, print }, target);
  } catch (error) {
    print(`Old versions were not deleted: ${error instanceof Error ? error.message : error}`);
  }
}

/** Returns the functions of the template that the stack has with a deployment group. */
async function findTargets(environment: DeploymentEnvironment, root: string): Promise<readonly NamedTarget[]> {
  const stack = await readStack(environment);
  const parameters = environment.parameterOverrides;
  const { functions } = readTemplate(path.join(root, 'template.yaml'), { parameters });
  const run = { root, environment, pause: (milliseconds: number) => setTimeout(milliseconds), print: () => undefined };
  return functions
    .filter(({ logicalId }) => [logicalId, `${logicalId}DeploymentGroup`].every((id) => stack.resources.has(id)))
    .map(({ name }) => ({ name, target: findTarget({ ...run, name }, stack) }));
}
