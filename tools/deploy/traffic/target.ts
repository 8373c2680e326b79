import path from 'node:path';
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { CodeDeployClient } from '@aws-sdk/client-codedeploy';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { clientFor } from '../../environment/clients.ts';
import type { DeploymentEnvironment } from '../../environment/environment.ts';
import { readTemplate } from '../../template/read-template.ts';
import { Refusal, stackCommand } from '../deployed/refusal.ts';
import type { DeployedStack } from '../deployed/stack.ts';
import type { LambdaFunction } from '../deployed/versions.ts';
import { watchVersion } from './alarms.ts';
import type { DeploymentGroup } from './deployment.ts';

/* Logical ids that SAM gives, and those of template.yaml (AWS SAM, "Generated CloudFormation resources"). */
const APPLICATION = 'ServerlessDeploymentApplication';
const HOOK = 'ReleaseCheckFunction';

/** How a command runs. */
export interface Run {
  /** Folder of the project. */
  readonly root: string;
  readonly environment: DeploymentEnvironment;
  /** The name of the function: its folder in functions/. */
  readonly name: string;
  readonly now: () => Date;
  readonly pause: (milliseconds: number) => Promise<void>;
  /** From its first call, Ctrl-C aborts this signal instead of ending the process. */
  readonly interruption: () => AbortSignal;
  readonly print: (line: string) => void;
  /** Tells whether the deployed API works. Null if that is not to be tried. */
  readonly smoke: ((apiUrl: string) => Promise<boolean>) | null;
}

/** A function of the stack, with everything that moves its traffic. */
export interface Target {
  readonly stack: DeployedStack;
  readonly fn: LambdaFunction;
  readonly group: DeploymentGroup;
  readonly cloudWatch: CloudWatchClient;
  /** The version that the stack published. CloudFormation may return to it. */
  readonly stackVersion: string | null;
  /** Lets the alarm of the release watch this version, if the stack has such an alarm. */
  watch(version: string): Promise<void>;
}

/**
 * Finds a function in the stack by template.yaml.
 * @throws Refusal if the stack does not have it, or no deployment group for it.
 */
export function findTarget(
  run: Pick<Run, 'root' | 'environment' | 'name' | 'pause' | 'print'>,
  stack: DeployedStack,
): Target {
  const { environment, name, print } = run;
  const { functions } = readTemplate(path.join(run.root, 'template.yaml'), {
    parameters: environment.parameterOverrides,
  });
  const logicalId = functions.find((candidate) => candidate.name === name)?.logicalId;
  if (logicalId === undefined) {
    const names = functions.map((fn) => fn.name).sort();
    throw new Refusal(`template.yaml has no function ${name}. Functions: ${names.join(', ')}.`);
  }
  const physicalId = (id: string) => {
    const found = stack.resources.get(id);
    if (found !== undefined) return found;
    throw new Refusal(
      `The stack ${stack.name} has no ${id}, so ${name} is deployed with it: ${stackCommand(environment)}`,
    );
  };

  const functionName = physicalId(logicalId);
  const cloudWatch = clientFor(environment, CloudWatchClient);
  const alarm = stack.resources.get(`${logicalId.replace(/Function$/, '')}ReleaseFailures`);
  return {
    stack,
    fn: { client: clientFor(environment, LambdaClient), functionName, pause: run.pause },
    group: {
      client: clientFor(environment, CodeDeployClient),
      application: physicalId(APPLICATION),
      group: physicalId(`${logicalId}DeploymentGroup`),
      functionName,
      hook: stack.resources.get(HOOK) ?? null,
    },
    cloudWatch,
    stackVersion: versionOf(stack, logicalId),
    async watch(version) {
      if (alarm === undefined) return;
      if (await watchVersion(cloudWatch, alarm, version)) print(`The alarm ${alarm} watches version ${version}.`);
    },
  };
}

/** The version resource of a function, whose logical id ends with a hash, and its physical id with the version. */
function versionOf({ resources }: DeployedStack, logicalId: string): string | null {
  const isVersion = new RegExp(`^${logicalId}Version[0-9a-f]{10}$`);
  const arn = [...resources].find(([id]) => isVersion.test(id))?.[1];
  return /:(\d+)$/.exec(arn ?? '')?.[1] ?? null;
}
