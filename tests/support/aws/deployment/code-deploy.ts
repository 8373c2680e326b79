import { type AwsCall, AwsError, text, texts } from './aws-error.ts';
import type { CloudWatchStandIn } from './cloud-watch.ts';
import type { LambdaStandIn } from './lambda.ts';

/** How traffic moves: at once, or a share first and the rest later. */
interface Shift {
  readonly percent: number;
  readonly minutes: number;
}

const CONFIGS: Readonly<Record<string, Shift>> = {
  'CodeDeployDefault.LambdaAllAtOnce': { percent: 100, minutes: 0 },
  'CodeDeployDefault.LambdaCanary10Percent5Minutes': { percent: 10, minutes: 5 },
};

export interface Group {
  readonly configName: string;
  readonly alarms: readonly string[];
}

type Status = 'Created' | 'InProgress' | 'Succeeded' | 'Failed' | 'Stopped';

interface LifecycleEvent {
  readonly name: 'BeforeAllowTraffic' | 'AllowTraffic';
  status: 'InProgress' | 'Succeeded' | 'Failed';
  readonly start: number;
  message?: string;
}

export interface StoredDeployment {
  readonly id: string;
  readonly group: string;
  readonly functionName: string;
  readonly from: string;
  readonly to: string;
  readonly createdAt: number;
  readonly creator: 'user' | 'CloudFormation' | 'codeDeployRollback';
  readonly description: string;
  readonly configName: string;
  readonly content: string;
  readonly hook: string | null;
  readonly alarms: readonly string[];
  status: Status;
  error: { readonly code: string; readonly message: string } | null;
  rolledBackBy: string;
  readonly rollbackOf: string;
  readonly events: LifecycleEvent[];
}

export interface CodeDeployStandIn {
  readonly groups: Map<string, Group>;
  readonly deployments: Map<string, StoredDeployment>;
  /** What the pre-traffic hook says of a version. It may also not answer. */
  hookResult: (functionName: string, version: string) => 'Succeeded' | 'Failed' | null;
  create(input: Readonly<Record<string, unknown>>, creator: StoredDeployment['creator']): StoredDeployment;
  /** Moves traffic as far as the clock says. */
  tick(): void;
  call(call: AwsCall): unknown;
}

const ALIAS = 'live';
const ACTIVE: readonly Status[] = ['Created', 'InProgress'];
const CHECK_MS = 30_000;

/**
 * A stand-in for CodeDeploy's deployments of Lambda functions, by its API reference and user guide.
 * - A group has one deployment at a time: 400 `DeploymentLimitExceededException`, "The Deployment Group 'x' already has
 *   an active Deployment 'd-…'".
 * - A deployment fails with `INVALID_LAMBDA_CONFIGURATION` if "the Lambda function alias version does not match the
 *   current version in AppSpec file" (serverless-application-model#291), or if both versions are the same.
 * - During a canary, the alias sends a share to the new version. The hook runs before it.
 * - An alarm of the group that is on stops the deployment with `ALARM_ACTIVE`, from its beginning too ("Monitor
 *   deployments with CloudWatch alarms in CodeDeploy").
 * - A deployment that failed or was stopped is undone by another one, of the creator `codeDeployRollback`, which names
 *   it in `rollbackInfo` ("Redeploy and roll back a deployment with CodeDeploy").
 */
export function codeDeployStandIn(
  clock: () => number,
  lambda: LambdaStandIn,
  cloudWatch: CloudWatchStandIn,
): CodeDeployStandIn {
  const groups = new Map<string, Group>();
  const deployments = new Map<string, StoredDeployment>();

  function findGroup(name: string): Group {
    const group = groups.get(name);
    if (group === undefined) throw new AwsError('DeploymentGroupDoesNotExistException', `No deployment group ${name}`);
    return group;
  }

  function find(id: string): StoredDeployment {
    const deployment = deployments.get(id);
    if (deployment === undefined) throw new AwsError('DeploymentDoesNotExistException', `No deployment ${id}`);
    return deployment;
  }

  function aliasOf({ functionName }: StoredDeployment) {
    const alias = lambda.functions.get(functionName)?.aliases.get(ALIAS);
    if (alias === undefined) throw new Error(`The function ${functionName} has no alias`);
    return alias;
  }

  function end(deployment: StoredDeployment, status: 'Failed' | 'Stopped', code: string, message: string): void {
    deployment.status = status;
    deployment.error = { code, message };
    for (const event of deployment.events.filter((one) => one.status === 'InProgress')) event.status = 'Failed';
    if (deployment.creator === 'codeDeployRollback') return;
    const rollback: StoredDeployment = {
      ...deployment,
      id: `d-${deployments.size + 1}`,
      from: deployment.to,
      to: deployment.from,
      createdAt: clock(),
      creator: 'codeDeployRollback',
      description: `Rollback of ${deployment.id}`,
      configName: 'CodeDeployDefault.LambdaAllAtOnce',
      content: appSpec(deployment.functionName, deployment.to, deployment.from),
      hook: null,
      alarms: [],
      status: 'Created',
      error: null,
      rolledBackBy: '',
      rollbackOf: deployment.id,
      events: [],
    };
    deployments.set(rollback.id, rollback);
    deployment.rolledBackBy = rollback.id;
  }

  function faultOf(deployment: StoredDeployment): string | null {
    const { from, to, functionName, creator } = deployment;
    if (creator === 'codeDeployRollback') return null;
    if (!lambda.functions.get(functionName)?.versions.has(to))
      return `Version ${to} of ${functionName} does not exist.`;
    const missing = 'The AppSpec file that specifies the AWS Lambda deployment configuration is invalid.';
    if (from === to) return missing;
    const matches = aliasOf(deployment).version === from;
    return matches ? null : `${missing} The Lambda function alias version does not match the current version.`;
  }

  function step(deployment: StoredDeployment): void {
    const now = clock();
    const { events, to, hook, functionName } = deployment;
    const firing = deployment.alarms.filter((name) => cloudWatch.isOn(name));
    if (firing.length > 0) {
      end(deployment, 'Stopped', 'ALARM_ACTIVE', 'One or more alarms have been activated.');
      return;
    }
    if (deployment.status === 'Created') {
      const fault = faultOf(deployment);
      if (fault !== null) {
        end(deployment, 'Failed', 'INVALID_LAMBDA_CONFIGURATION', fault);
        return;
      }
      deployment.status = 'InProgress';
      events.push({ name: hook === null ? 'AllowTraffic' : 'BeforeAllowTraffic', status: 'InProgress', start: now });
      return;
    }
    const event = events.at(-1);
    if (event?.name === 'BeforeAllowTraffic') {
      if (now - event.start < CHECK_MS) return;
      const result = lambda.functions.has(functionName) ? standIn.hookResult(functionName, to) : null;
      if (result === null) return;
      event.status = result;
      if (result === 'Succeeded') events.push({ name: 'AllowTraffic', status: 'InProgress', start: now });
      else end(deployment, 'Failed', 'HOOK_EXECUTION_FAILURE', 'A lifecycle event hook failed.');
      return;
    }
    if (event === undefined) return;
    const { percent, minutes } = CONFIGS[deployment.configName] ?? { percent: 100, minutes: 0 };
    const alias = aliasOf(deployment);
    if (now - event.start < minutes * 60_000) {
      alias.weights = { [to]: percent / 100 };
      return;
    }
    alias.version = to;
    alias.weights = {};
    event.status = 'Succeeded';
    deployment.status = 'Succeeded';
  }

  function describe(deployment: StoredDeployment) {
    const { id, content, error, rolledBackBy, rollbackOf } = deployment;
    return {
      deploymentId: id,
      deploymentGroupName: deployment.group,
      deploymentConfigName: deployment.configName,
      status: deployment.status,
      creator: deployment.creator,
      description: deployment.description,
      createTime: deployment.createdAt / 1000,
      // CloudFormation and CodeDeploy itself use the older form.
      revision:
        deployment.creator === 'user'
          ? { revisionType: 'AppSpecContent', appSpecContent: { content } }
          : { revisionType: 'String', string: { content } },
      ...(error !== null && { errorInformation: error }),
      rollbackInfo: { rollbackDeploymentId: rolledBackBy, rollbackTriggeringDeploymentId: rollbackOf },
    };
  }

  const standIn: CodeDeployStandIn = {
    groups,
    deployments,
    hookResult: () => 'Succeeded',
    create(input, creator) {
      const name = text(input, 'deploymentGroupName');
      const group = findGroup(name);
      const active = [...deployments.values()].find((one) => one.group === name && ACTIVE.includes(one.status));
      if (active !== undefined)
        throw new AwsError(
          'DeploymentLimitExceededException',
          `The Deployment Group '${name}' already has an active Deployment '${active.id}'`,
        );
      const {
        revision,
        deploymentConfigName,
        description = '',
        overrideAlarmConfiguration: override,
      } = input as {
        readonly revision: { readonly appSpecContent: { readonly content: string } };
        readonly deploymentConfigName?: string;
        readonly description?: string;
        readonly overrideAlarmConfiguration?: {
          readonly enabled: boolean;
          readonly alarms: readonly { name: string }[];
        };
      };
      const { content } = revision.appSpecContent;
      const spec = JSON.parse(content) as {
        readonly Resources: readonly Readonly<
          Record<string, { readonly Properties: Readonly<Record<string, string>> }>
        >[];
        readonly Hooks?: readonly { readonly BeforeAllowTraffic: string }[];
      };
      const properties = Object.values(spec.Resources[0] ?? {})[0]?.Properties ?? {};
      const { Name: functionName = '', Alias: alias, CurrentVersion: from = '', TargetVersion: to = '' } = properties;
      if (alias !== ALIAS) throw new AwsError('InvalidRevisionException', `There is no alias ${alias}`);
      const deployment: StoredDeployment = {
        id: `d-${deployments.size + 1}`,
        group: name,
        functionName,
        from,
        to,
        createdAt: clock(),
        creator,
        description,
        configName: deploymentConfigName ?? group.configName,
        content,
        hook: spec.Hooks?.[0]?.BeforeAllowTraffic ?? null,
        alarms: override === undefined ? group.alarms : override.enabled ? override.alarms.map((one) => one.name) : [],
        status: 'Created',
        error: null,
        rolledBackBy: '',
        rollbackOf: '',
        events: [],
      };
      deployments.set(deployment.id, deployment);
      return deployment;
    },
    tick() {
      for (const deployment of deployments.values()) if (ACTIVE.includes(deployment.status)) step(deployment);
    },
    call({ operation, input }) {
      switch (operation) {
        case 'CreateDeployment':
          return { deploymentId: standIn.create(input, 'user').id };
        case 'GetDeployment':
          return { deploymentInfo: describe(find(text(input, 'deploymentId'))) };
        case 'BatchGetDeployments': {
          const ids = texts(input, 'deploymentIds');
          if (ids.length > 25) throw new AwsError('BatchLimitExceededException', 'At most 25');
          return { deploymentsInfo: ids.map((id) => describe(find(id))) };
        }
        case 'ListDeployments': {
          const name = text(input, 'deploymentGroupName');
          const statuses = texts(input, 'includeOnlyStatuses');
          const found = [...deployments.values()].filter(
            ({ group, status }) => group === name && statuses.includes(status),
          );
          return { deployments: found.map(({ id }) => id) };
        }
        case 'ListDeploymentTargets': {
          const { functionName, status } = find(text(input, 'deploymentId'));
          if (status === 'Created') throw new AwsError('DeploymentNotStartedException', 'It has not started');
          return { targetIds: [`${functionName}:${ALIAS}`] };
        }
        case 'BatchGetDeploymentTargets': {
          const deployment = find(text(input, 'deploymentId'));
          const { functionName, from, to, events } = deployment;
          const alias = aliasOf(deployment);
          const weight = alias.version === to ? 100 : 100 * (alias.weights[to] ?? 0);
          const lambdaTarget = {
            lifecycleEvents: events.map(({ name, status, start, message }) => ({
              lifecycleEventName: name,
              status,
              startTime: start / 1000,
              ...(message !== undefined && { diagnostics: { message } }),
            })),
            lambdaFunctionInfo: {
              functionName,
              functionAlias: ALIAS,
              currentVersion: from,
              targetVersion: to,
              targetVersionWeight: weight,
            },
          };
          return { deploymentTargets: [{ deploymentTargetType: 'LambdaFunction', lambdaTarget }] };
        }
        case 'StopDeployment': {
          const deployment = find(text(input, 'deploymentId'));
          if (!ACTIVE.includes(deployment.status))
            throw new AwsError('DeploymentAlreadyCompletedException', 'It has ended');
          end(deployment, 'Stopped', 'MANUAL_STOP', 'The deployment was stopped by a user.');
          return { status: 'Succeeded' };
        }
        case 'GetDeploymentConfig': {
          const { percent, minutes } = CONFIGS[text(input, 'deploymentConfigName')] ?? { percent: 100, minutes: 0 };
          const canary = {
            type: 'TimeBasedCanary',
            timeBasedCanary: { canaryPercentage: percent, canaryInterval: minutes },
          };
          return {
            deploymentConfigInfo: { trafficRoutingConfig: minutes > 0 ? canary : { type: 'AllAtOnce' } },
          };
        }
        case 'GetDeploymentGroup': {
          const { alarms } = findGroup(text(input, 'deploymentGroupName'));
          return {
            deploymentGroupInfo: { alarmConfiguration: { enabled: true, alarms: alarms.map((name) => ({ name })) } },
          };
        }
        default:
          throw new AwsError('UnknownOperationException', `CodeDeploy has no ${operation} here`);
      }
    },
  };
  return standIn;
}

export function appSpec(functionName: string, from: string, to: string): string {
  return JSON.stringify({
    version: 0.0,
    Resources: [
      {
        [functionName]: {
          Type: 'AWS::Lambda::Function',
          Properties: { Name: functionName, Alias: ALIAS, CurrentVersion: from, TargetVersion: to },
        },
      },
    ],
  });
}
