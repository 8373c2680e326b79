import { parseTemplate } from '../../tools/template/yaml.ts';
import { PARAMETER_FOLDER, yamlOfPolicies } from '../support/contract/function-resources.ts';
import { expectNoProblems } from '../support/contract/no-problems.ts';
import { type Resource, readStack } from '../support/contract/resources.ts';

interface Statement {
  readonly Action: string | readonly string[];
  readonly Resource: unknown;
  readonly Condition?: unknown;
}

const { Resources } = readStack('template.yaml');

const functions = Object.entries(Resources).filter(([, { Type }]) => Type === 'AWS::Serverless::Function');

/** The statements of a function's policies. */
function statementsOf({ Properties }: Resource): readonly Statement[] {
  const policies = (Properties['Policies'] ?? []) as readonly { readonly Statement: readonly Statement[] }[];
  return policies.flatMap(({ Statement }) => Statement);
}

/** The last parts of the names of the SSM parameters in a function's environment. */
function named({ Properties }: Resource): string[] {
  const { Variables = {} } = (Properties['Environment'] ?? {}) as {
    readonly Variables?: Readonly<Record<string, unknown>>;
  };
  return Object.entries(Variables)
    .flatMap(([variable, value]) => (variable.endsWith('_PARAMETER') ? [baseOf(referred(value, 'Fn::Sub'))] : []))
    .sort();
}

/** The last parts of the names of the SSM parameters that a function's policies allow it to read. */
function readable(resource: Resource): string[] {
  const ssm = statementsOf(resource).filter(({ Action }) =>
    [Action].flat().some((action) => action.startsWith('ssm:')),
  );
  expect(ssm.flatMap(({ Action }) => Action)).toEqual(ssm.map(() => 'ssm:GetParameters'));
  return ssm
    .flatMap(({ Resource }) => Resource)
    .map((resource) => referred(resource, 'Fn::Sub'))
    .map((arn) => baseOf(/:parameter(.+)$/.exec(arn)?.[1] ?? arn))
    .sort();
}

/** Removes the folder of the environment. Other names as they are. */
function baseOf(name: string): string {
  return name.startsWith(PARAMETER_FOLDER) ? name.slice(PARAMETER_FOLDER.length) : name;
}

/** Finds parameters that a function names and may not read, or may read and does not name. */
function permissionProblems(id: string, resource: Resource): string[] {
  const [allowed, wanted] = [readable(resource), named(resource)];
  const missing = wanted.filter((parameter) => !allowed.includes(parameter));
  const extra = allowed.filter((parameter) => !wanted.includes(parameter));
  return [
    ...(missing.length === 0
      ? []
      : [
          `template.yaml: ${id} may not read ${missing.join(', ')}, which its Environment names: add this to its Properties\n${yamlOfPolicies(wanted)}`,
        ]),
    ...extra.map(
      (parameter) =>
        `template.yaml: ${id} may read ${parameter}, which no variable in its Environment names: remove it from its Policies`,
    ),
  ];
}

/** The argument of an intrinsic function. Other values as they are. */
function referred(value: unknown, intrinsic: 'Ref' | 'Fn::Sub'): string {
  const call = typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
  return String(call[intrinsic] ?? value);
}

describe('the secrets in template.yaml', () => {
  it.each(functions)('that %s may read are exactly those in its environment', (id, resource) => {
    expectNoProblems(permissionProblems(id, resource));
  });

  it('are told apart when a function may not read one, or may read another, with what to do', () => {
    const { Type = '', Properties = {} } = Resources['ProgressFunction'] ?? {};
    const statement = (parameter: string) => ({
      Action: 'ssm:GetParameters',
      Resource: [{ 'Fn::Sub': `arn:parameter${PARAMETER_FOLDER}${parameter}` }],
    });
    const reading = (...parameters: readonly string[]) =>
      permissionProblems('ProgressFunction', {
        Type,
        Properties: { ...Properties, Policies: [{ Statement: parameters.map(statement) }] },
      });
    const own = ['mongodb-uri', 'cursor-key', 'access-token-public-keys'];
    expect(reading(...own)).toEqual([]);
    const [message = ''] = reading();
    const [instruction, ...yaml] = message.split('\n');
    expect(instruction).toContain('ProgressFunction may not read access-token-public-keys, cursor-key');
    const pasted = parseTemplate(yaml.join('\n')) as Resource['Properties'];
    expect(permissionProblems('ProgressFunction', { Type, Properties: { ...Properties, ...pasted } })).toEqual([]);
    expect(reading(...own, 'feed-key')).toEqual([
      'template.yaml: ProgressFunction may read feed-key, which no variable in its Environment names: remove it from its Policies',
    ]);
  });

  it.each(['access-token-private-key', 'refresh-key', 'rate-limit-key'])('let only auth read %s', (parameter) => {
    const readers = functions.filter(([, resource]) => readable(resource).includes(parameter));
    expect(readers.map(([name]) => name)).toEqual(['AuthFunction']);
  });

  it.each([
    ['media-signing-key', ['MediaUrlFunction', 'PodcastFunction']],
    ['feed-key', ['PodcastFunction']],
  ])('let only the signing functions read %s', (parameter, signers) => {
    const readers = functions.filter(([, resource]) => readable(resource).includes(parameter)).map(([name]) => name);
    expect(readers.sort()).toEqual(signers.filter((name) => name in Resources));
  });
});

/** What functions may do besides reading secrets. */
const permissions = functions.flatMap(([name, resource]) =>
  statementsOf(resource)
    .filter(({ Action }) => [Action].flat().some((action) => !action.startsWith('ssm:')))
    .map(({ Action, Resource, Condition }) => ({
      name,
      Action,
      Resource: [Resource].flat().map((arn) => referred(arn, 'Fn::Sub')),
      Condition,
    })),
);
const ofReleaseCheck = permissions.filter(({ name }) => name === 'ReleaseCheckFunction');

describe('mail', () => {
  it('can be sent only by auth, from one address of one identity', () => {
    expect(permissions.filter((permission) => !ofReleaseCheck.includes(permission))).toEqual([
      {
        name: 'AuthFunction',
        Action: 'ses:SendEmail',
        Resource: [expect.stringMatching(/:identity\/\$\{MailIdentity\}$/)],
        Condition: { StringEquals: { 'ses:FromAddress': { Ref: 'MailFrom' } } },
      },
    ]);
  });
});

describe('the release check', () => {
  it('may invoke only versions of the functions of the stack, and answer only the deployments of the stack', () => {
    expect(ofReleaseCheck.map(({ Action, Resource }) => [Action, Resource])).toEqual([
      [
        'lambda:InvokeFunction',
        functions.filter(([id]) => id !== 'ReleaseCheckFunction').map(([id]) => `\${${id}.Arn}:*`),
      ],
      [
        [
          'codedeploy:GetDeploymentTarget',
          'codedeploy:ListDeploymentTargets',
          'codedeploy:PutLifecycleEventHookExecutionStatus',
        ],
        [expect.stringMatching(/:deploymentgroup:\$\{ServerlessDeploymentApplication\}\/\*$/)],
      ],
    ]);
  });
});
