import { checkRelease } from './check-release.ts';

/** What CodeDeploy sends to a hook ("AppSpec 'hooks' section", for a Lambda deployment). */
export interface HookEvent {
  readonly DeploymentId: string;
  readonly LifecycleEventHookExecutionId: string;
}

/**
 * CodeDeploy's hook before a new version of a function gets traffic. It answers through CodeDeploy's API, not by what
 * it returns. No route leads here, so it has no contract and no `createHandler`.
 */
export async function handler({ DeploymentId, LifecycleEventHookExecutionId }: HookEvent): Promise<void> {
  await checkRelease({ deploymentId: DeploymentId, hookExecutionId: LifecycleEventHookExecutionId });
}
