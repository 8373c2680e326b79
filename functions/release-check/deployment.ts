import type { CodeDeployClient } from '@aws-sdk/client-codedeploy';

/** A hook that CodeDeploy waits for. */
export interface Hook {
  readonly deploymentId: string;
  readonly hookExecutionId: string;
}

/** The version of a function that a deployment gives traffic to. */
export interface Release {
  /** The physical name. */
  readonly functionName: string;
  readonly version: string;
}

/**
 * Looks up what a deployment deploys. CodeDeploy tells a hook only the deployment, and an environment variable would
 * name the version of the last stack deployment.
 */
export async function releaseOf(deploymentId: string): Promise<Release> {
  const { GetDeploymentTargetCommand, ListDeploymentTargetsCommand } = await import('@aws-sdk/client-codedeploy');
  const client = await codeDeploy();
  const { targetIds: [targetId] = [] } = await client.send(new ListDeploymentTargetsCommand({ deploymentId }));
  if (targetId === undefined) throw new Error(`The deployment ${deploymentId} has no target`);

  const { deploymentTarget } = await client.send(new GetDeploymentTargetCommand({ deploymentId, targetId }));
  const { functionName, targetVersion } = deploymentTarget?.lambdaTarget?.lambdaFunctionInfo ?? {};
  if (!functionName || !targetVersion) throw new Error(`The deployment ${deploymentId} deploys no function`);
  return { functionName, version: targetVersion };
}

/** Lets the deployment go on, or stops it. */
export async function answerHook(
  { deploymentId, hookExecutionId }: Hook,
  status: 'Succeeded' | 'Failed',
): Promise<void> {
  const { PutLifecycleEventHookExecutionStatusCommand } = await import('@aws-sdk/client-codedeploy');
  const client = await codeDeploy();
  await client.send(
    new PutLifecycleEventHookExecutionStatusCommand({
      deploymentId,
      lifecycleEventHookExecutionId: hookExecutionId,
      status,
    }),
  );
}

let client: CodeDeployClient | undefined;

async function codeDeploy(): Promise<CodeDeployClient> {
  const { CodeDeployClient } = await import('@aws-sdk/client-codedeploy');
  client ??= new CodeDeployClient();
  return client;
}
