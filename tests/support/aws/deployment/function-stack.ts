import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type DeployFunctionOptions, deployFunction } from '../../../../tools/deploy/function/deploy-function.ts';
import { type RollBackOptions, rollBack } from '../../../../tools/deploy/function/roll-back.ts';
import { findEnvironment } from '../../../../tools/environment/environment.ts';
import { type AwsAccount, startAwsAccount } from './aws-account.ts';

export const STACK = 'shop-prod';
export const SAM_BUCKET = 'sam-bucket';

/** Two small functions behind one API. */
const TEMPLATE = `
Transform: AWS::Serverless-2016-10-31
Parameters:
  Environment: { Type: String, Default: dev }
  LogLevel: { Type: String, Default: INFO }
Globals: { Function: { Handler: index.handler, Runtime: nodejs24.x } }
Resources:
  Api: { Type: AWS::Serverless::Api, Properties: { StageName: v1 } }
  HelloFunction:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: .build/functions/hello/
      Events:
        Get: { Type: Api, Properties: { RestApiId: !Ref Api, Path: /hello, Method: GET } }
  OtherFunction: { Type: AWS::Serverless::Function, Properties: { CodeUri: .build/functions/other/ } }
`;

const SAMCONFIG = `version = 0.1
[prod.global.parameters]
region = "eu-west-1"
[prod.deploy.parameters]
stack_name = "${STACK}"
parameter_overrides = "Environment=prod LogLevel=WARN"
[prod.lectern.parameters]
account = "123456789012"
`;

const CONFIGURATION = { Runtime: 'nodejs24.x', Architectures: ['arm64'], Environment: { Variables: { LOG: 'WARN' } } };

/** How a command ended: whether it reached its end, and its output. */
export interface CommandResult {
  /** Null if it threw, such as when it refuses. */
  readonly ok: boolean | null;
  readonly text: string;
}

/** A project of two functions, and the account that it is deployed to. */
export interface FunctionStack {
  readonly account: AwsAccount;
  readonly root: string;
  /** Writes the source of the function `hello`. */
  write(answer: string): Promise<void>;
  deploy(options?: Partial<DeployFunctionOptions>): Promise<CommandResult>;
  rollBack(options?: Partial<RollBackOptions>): Promise<CommandResult>;
  /** The version that the alias of `hello` points to, and shares of others. */
  live(): { readonly version: string; readonly weights: Readonly<Record<string, number>> };
  /** The version that the alarm of the release watches. */
  watched(): readonly string[];
}

/** Deploys a stack to an account, with version 1 of both functions live. */
export async function startFunctionStack(): Promise<FunctionStack> {
  const account = await startAwsAccount();
  Object.assign(process.env, account.env);
  const root = await mkdtemp(path.join(tmpdir(), 'deploy-'));
  await writeFile(path.join(root, 'template.yaml'), TEMPLATE);
  await writeFile(path.join(root, 'samconfig.toml'), SAMCONFIG);
  const write = async (answer: string) => {
    await mkdir(path.join(root, 'functions/hello'), { recursive: true });
    await writeFile(path.join(root, 'functions/hello/handler.ts'), `export const handler = async () => '${answer}';\n`);
  };
  await write('one');
  seedStack(account, {
    stackName: STACK,
    functions: { HelloFunction: 'hello', OtherFunction: 'other' },
    parameters: { Environment: 'prod', LogLevel: 'WARN' },
    template: 'Metadata: { Lectern: { Template: T1, Functions: { hello: { Contract: C1, Release: R1 } } } }',
  });

  const environment = await findEnvironment(root, 'prod');
  const current = { template: 'T1', contracts: { hello: 'C1' } };

  async function run(command: (defaults: DeployFunctionOptions) => Promise<boolean>): Promise<CommandResult> {
    const lines: string[] = [];
    try {
      const ok = await command({
        ...{ root, environment, name: 'hello', current, revision: null, smoke: null },
        now: account.now,
        // Four times as fast, so that a canary needs fewer calls.
        pause: async (milliseconds) => account.advance(4 * milliseconds),
        interruption: () => new AbortController().signal,
        print: (line) => void lines.push(line),
      });
      return { ok, text: lines.join('\n') };
    } catch (error) {
      return {
        ok: null,
        text: [...lines, error instanceof Error ? `${error.name}: ${error.message}` : error].join('\n'),
      };
    }
  }

  const hello = () => {
    const fn = account.lambda.functions.get('shop-hello');
    const alias = fn?.aliases.get('live');
    if (fn === undefined || alias === undefined) throw new Error('hello has no alias');
    return alias;
  };
  return {
    ...{ account, root, write },
    deploy: (options = {}) => run((defaults) => deployFunction({ ...defaults, ...options })),
    rollBack: (options = {}) => run((defaults) => rollBack({ ...defaults, to: null, atOnce: false, ...options })),
    live: () => ({ version: hello().version, weights: hello().weights }),
    watched: () => account.cloudWatch.watchedVersions('hello-release'),
  };
}

interface StackSeed {
  readonly stackName: string;
  /** Names by logical id. */
  readonly functions: Readonly<Record<string, string>>;
  readonly parameters: Readonly<Record<string, string>>;
  readonly template: string;
}

/** Creates a stack with version 1 of its functions live, as `sam deploy` leaves it. */
export function seedStack({ lambda, codeDeploy, cloudWatch, stacks }: AwsAccount, seed: StackSeed): void {
  stacks.set('aws-sam-cli-managed-default', {
    status: 'CREATE_COMPLETE',
    parameters: new Map(),
    outputs: new Map([['SourceBucket', SAM_BUCKET]]),
    resources: new Map(),
    template: '',
  });
  const resources = new Map([['ServerlessDeploymentApplication', 'shop-application']]);
  for (const [logicalId, name] of Object.entries(seed.functions)) {
    const fn = lambda.create(`shop-${name}`, CONFIGURATION, Buffer.from(`zip of ${name}, made by sam`));
    const version = lambda.publish(fn, '');
    fn.aliases.set('live', { version, weights: {} });
    const hash = createHash('sha256').update(name).digest('hex').slice(0, 10);
    resources.set(logicalId, fn.name);
    resources.set(`${logicalId}Version${hash}`, `arn:aws:lambda:eu-west-1:123456789012:function:${fn.name}:${version}`);
    resources.set(`${logicalId}DeploymentGroup`, `group-${name}`);
    codeDeploy.groups.set(`group-${name}`, {
      configName: 'CodeDeployDefault.LambdaCanary10Percent5Minutes',
      alarms: [`${name}-release`],
    });
    const dimensions = [
      { Name: 'FunctionName', Value: fn.name },
      { Name: 'ExecutedVersion', Value: version },
    ];
    cloudWatch.alarms.set(`${name}-release`, {
      AlarmName: `${name}-release`,
      AlarmDescription: 'The release fails.',
      ActionsEnabled: true,
      AlarmActions: ['arn:aws:sns:eu-west-1:123456789012:alarms'],
      OKActions: ['arn:aws:sns:eu-west-1:123456789012:alarms'],
      EvaluationPeriods: 5,
      DatapointsToAlarm: 2,
      Threshold: 5,
      ComparisonOperator: 'GreaterThanOrEqualToThreshold',
      TreatMissingData: 'notBreaching',
      Metrics: [
        { Id: 'percent', Label: 'Failed', Expression: 'failed', ReturnData: true },
        {
          Id: 'failed',
          ReturnData: false,
          MetricStat: {
            Stat: 'Sum',
            Period: 60,
            Metric: { Namespace: 'AWS/Lambda', MetricName: 'Errors', Dimensions: dimensions },
          },
        },
      ],
    });
    resources.set(`${logicalId.replace('Function', '')}ReleaseFailures`, `${name}-release`);
  }
  resources.set('ReleaseCheckFunction', 'CodeDeployHook_shop-prod-release-check');
  stacks.set(seed.stackName, {
    status: 'UPDATE_COMPLETE',
    parameters: new Map(Object.entries(seed.parameters)),
    outputs: new Map([['ApiUrl', 'https://api.example.com/v1']]),
    resources,
    template: seed.template,
  });
}
