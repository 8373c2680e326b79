import {
  BatchGetDeploymentsCommand,
  BatchGetDeploymentTargetsCommand,
  type CodeDeployClient,
  CreateDeploymentCommand,
  type DeploymentInfo,
  type DeploymentStatus,
  GetDeploymentCommand,
  GetDeploymentConfigCommand,
  GetDeploymentGroupCommand,
  type LambdaTarget,
  ListDeploymentsCommand,
  ListDeploymentTargetsCommand,
  StopDeploymentCommand,
} from '@aws-sdk/client-codedeploy';
import { parse } from 'yaml';
import { isMapping } from '../../template/fields.ts';
import { Refusal } from '../deployed/refusal.ts';
import { ALIAS } from '../deployed/versions.ts';

/** Begins the description of a deployment that moves back, by which the history knows it. */
const ROLLBACK = 'Rollback';

/** Creators of deployments that AWS starts to undo another one. */
const AUTOMATIC_ROLLBACKS: readonly (string | undefined)[] = ['codeDeployRollback', 'CloudFormationRollback'];

export const IN_PROGRESS: readonly DeploymentStatus[] = ['Created', 'Queued', 'InProgress', 'Baking', 'Ready'];

/** Most deployments in one BatchGetDeployments call. */
const MAX_BATCH = 25;

/** The deployment group of a function in the stack. */
export interface DeploymentGroup {
  readonly client: CodeDeployClient;
  readonly application: string;
  readonly group: string;
  readonly functionName: string;
  /** The function that checks a version before it gets traffic, if the stack has one. */
  readonly hook: string | null;
}

/** A deployment of CodeDeploy, from one version to another. */
export interface Deployment {
  readonly id: string;
  readonly status: DeploymentStatus;
  readonly from: string;
  readonly to: string;
  readonly createdAt: Date;
  readonly configName: string | null;
  readonly isRollback: boolean;
  /** Why it failed, in the words of CodeDeploy. */
  readonly error: string | null;
  /** The deployment by which CodeDeploy undoes this one. */
  readonly rolledBackBy: string | null;
}

export async function readDeployment({ client }: DeploymentGroup, id: string): Promise<Deployment> {
  const { deploymentInfo } = await client.send(new GetDeploymentCommand({ deploymentId: id }));
  if (deploymentInfo === undefined) throw new Error(`CodeDeploy does not know its deployment ${id}`);
  return toDeployment(deploymentInfo);
}

/** Finds the deployment that moves traffic now. A group has at most one. */
export async function findInProgress(group: DeploymentGroup): Promise<Deployment | null> {
  const [newest] = await list(group, IN_PROGRESS);
  return newest ?? null;
}

/** Returns the latest successful deployments, newest first. */
export function readHistory(group: DeploymentGroup): Promise<readonly Deployment[]> {
  return list(group, ['Succeeded']);
}

async function list(
  { client, application, group }: DeploymentGroup,
  statuses: readonly DeploymentStatus[],
): Promise<readonly Deployment[]> {
  // One page, which is long enough for a history.
  const { deployments: ids = [] } = await client.send(
    new ListDeploymentsCommand({
      applicationName: application,
      deploymentGroupName: group,
      includeOnlyStatuses: [...statuses],
    }),
  );
  const found: Deployment[] = [];
  for (let start = 0; start < ids.length; start += MAX_BATCH) {
    const deploymentIds = ids.slice(start, start + MAX_BATCH);
    const { deploymentsInfo = [] } = await client.send(new BatchGetDeploymentsCommand({ deploymentIds }));
    found.push(...deploymentsInfo.map(toDeployment));
  }
  // ListDeployments promises no order.
  return found.sort((one, other) => other.createdAt.getTime() - one.createdAt.getTime());
}

function toDeployment(info: DeploymentInfo): Deployment {
  const { from, to } = versionsOf(info);
  const { errorInformation: error, rollbackInfo } = info;
  return {
    id: info.deploymentId ?? '',
    status: info.status ?? 'Created',
    from,
    to,
    createdAt: info.createTime ?? new Date(0),
    configName: info.deploymentConfigName ?? null,
    isRollback: AUTOMATIC_ROLLBACKS.includes(info.creator) || (info.description ?? '').startsWith(ROLLBACK),
    error: error === undefined ? null : `${error.message} (${error.code})`,
    rolledBackBy: rollbackInfo?.rollbackDeploymentId || null,
  };
}

/** Reads the versions in the AppSpec of a deployment: JSON or YAML. Ours is JSON, which is YAML too. */
function versionsOf({ revision }: DeploymentInfo): { readonly from: string; readonly to: string } {
  const spec: unknown = parse(revision?.appSpecContent?.content ?? revision?.string?.content ?? '');
  const resources: unknown = isMapping(spec) ? (spec['Resources'] ?? spec['resources']) : [];
  for (const resource of Array.isArray(resources) ? resources : []) {
    for (const entry of isMapping(resource) ? Object.values(resource) : []) {
      const properties = isMapping(entry) ? (entry['Properties'] ?? entry['properties']) : undefined;
      if (isMapping(properties))
        return { from: versionIn(properties, 'CurrentVersion'), to: versionIn(properties, 'TargetVersion') };
    }
  }
  return { from: '', to: '' };
}

function versionIn(properties: Readonly<Record<string, unknown>>, name: string): string {
  const value = properties[name] ?? properties[name.charAt(0).toLowerCase() + name.slice(1)];
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}

export interface Move {
  readonly from: string;
  readonly to: string;
  readonly description: string;
  readonly isRollback?: boolean;
  /** Moves all traffic in one step, whatever the group says. */
  readonly atOnce?: boolean;
  /** Alarms of the group that stop this deployment. Null for all. */
  readonly alarms?: readonly string[] | null;
}

/**
 * Starts a deployment and returns its id. The group decides how traffic moves, and which alarms undo it.
 * @throws Refusal if another one has just started.
 */
export async function startDeployment(group: DeploymentGroup, move: Move): Promise<string> {
  const { client, application, functionName, hook } = group;
  // "AppSpec file structure for AWS Lambda deployments".
  const content = JSON.stringify({
    version: 0.0,
    Resources: [
      {
        [functionName]: {
          Type: 'AWS::Lambda::Function',
          Properties: { Name: functionName, Alias: ALIAS, CurrentVersion: move.from, TargetVersion: move.to },
        },
      },
    ],
    ...(hook !== null && { Hooks: [{ BeforeAllowTraffic: hook }] }),
  });
  const { deploymentId } = await client
    .send(
      new CreateDeploymentCommand({
        applicationName: application,
        deploymentGroupName: group.group,
        revision: { revisionType: 'AppSpecContent', appSpecContent: { content } },
        description: `${move.isRollback ? `${ROLLBACK}: ` : ''}${move.description}`.slice(0, 256),
        ...(move.atOnce && { deploymentConfigName: 'CodeDeployDefault.LambdaAllAtOnce' }),
        ...(move.alarms && {
          overrideAlarmConfiguration: {
            enabled: move.alarms.length > 0,
            alarms: move.alarms.map((name) => ({ name })),
          },
        }),
      }),
    )
    .catch((error: unknown) => {
      if (!(error instanceof Error) || error.name !== 'DeploymentLimitExceededException') throw error;
      throw new Refusal(`Somebody else has just started a deployment of ${functionName}. ${error.message}`);
    });
  if (deploymentId === undefined) throw new Error(`CodeDeploy did not name the deployment of ${functionName}`);
  return deploymentId;
}

/** Stops a deployment. CodeDeploy then moves traffic back. One that has just ended is left as it is. */
export async function stopDeployment({ client }: DeploymentGroup, id: string): Promise<void> {
  await client
    .send(new StopDeploymentCommand({ deploymentId: id, autoRollbackEnabled: true }))
    .catch((error: unknown) => {
      if (!(error instanceof Error) || error.name !== 'DeploymentAlreadyCompletedException') throw error;
    });
}

/** Returns the state of the function that a deployment moves. Null before the deployment has begun. */
export async function readTarget({ client }: DeploymentGroup, deploymentId: string): Promise<LambdaTarget | null> {
  try {
    const { targetIds = [] } = await client.send(new ListDeploymentTargetsCommand({ deploymentId }));
    if (targetIds.length === 0) return null;
    const { deploymentTargets = [] } = await client.send(
      new BatchGetDeploymentTargetsCommand({ deploymentId, targetIds }),
    );
    return deploymentTargets[0]?.lambdaTarget ?? null;
  } catch (error) {
    if (error instanceof Error && error.name === 'DeploymentNotStartedException') return null;
    throw error;
  }
}

/** Returns for how long a deployment of this configuration moves traffic, in seconds. */
export async function readShiftSeconds({ client }: DeploymentGroup, configName: string): Promise<number> {
  const { deploymentConfigInfo } = await client.send(
    new GetDeploymentConfigCommand({ deploymentConfigName: configName }),
  );
  const { timeBasedCanary: canary, timeBasedLinear: linear } = deploymentConfigInfo?.trafficRoutingConfig ?? {};
  if (canary !== undefined) return (canary.canaryInterval ?? 0) * 60;
  const steps = 100 / (linear?.linearPercentage ?? 100) - 1;
  return Math.ceil(steps) * (linear?.linearInterval ?? 0) * 60;
}

/** Returns the names of the alarms that undo a deployment of this group. */
export async function readAlarmNames({ client, application, group }: DeploymentGroup): Promise<readonly string[]> {
  const { deploymentGroupInfo } = await client.send(
    new GetDeploymentGroupCommand({ applicationName: application, deploymentGroupName: group }),
  );
  const { enabled = false, alarms = [] } = deploymentGroupInfo?.alarmConfiguration ?? {};
  return enabled ? alarms.flatMap(({ name }) => name ?? []) : [];
}
