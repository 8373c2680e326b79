import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parseTemplate } from '../../tools/template/yaml.ts';

/** What a function in template.yaml says about its secrets. */
interface FunctionResource {
  readonly Type: string;
  readonly Properties: {
    readonly Environment?: { readonly Variables: Readonly<Record<string, unknown>> };
    readonly Policies?: readonly { readonly Statement: readonly Statement[] }[];
  };
}

interface Statement {
  readonly Action: string | readonly string[];
  readonly Resource: unknown;
  readonly Condition?: unknown;
}

const text = readFileSync(path.resolve(import.meta.dirname, '../../template.yaml'), 'utf8');
const { Resources } = parseTemplate(text) as { readonly Resources: Readonly<Record<string, FunctionResource>> };

const functions = Object.entries(Resources).filter(([, { Type }]) => Type === 'AWS::Serverless::Function');

/** The template parameters whose names are in a function's environment. */
function named({ Properties }: FunctionResource): string[] {
  return Object.entries(Properties.Environment?.Variables ?? {})
    .flatMap(([variable, value]) => (variable.endsWith('_PARAMETER') ? [referred(value, 'Ref')] : []))
    .sort();
}

/** The template parameters that a function's policies allow it to read. */
function readable({ Properties }: FunctionResource): string[] {
  const ssm = (Properties.Policies ?? [])
    .flatMap(({ Statement }) => Statement)
    .filter(({ Action }) => [Action].flat().some((action) => action.startsWith('ssm:')));
  expect(ssm.flatMap(({ Action }) => Action)).toEqual(ssm.map(() => 'ssm:GetParameters'));
  return ssm
    .flatMap(({ Resource }) => Resource)
    .map((resource) => referred(resource, 'Fn::Sub'))
    .map((arn) => /:parameter\$\{(\w+)\}$/.exec(arn)?.[1] ?? arn)
    .sort();
}

/** The argument of an intrinsic function. Other values as they are. */
function referred(value: unknown, intrinsic: 'Ref' | 'Fn::Sub'): string {
  const call = typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
  return String(call[intrinsic] ?? value);
}

describe('the secrets in template.yaml', () => {
  it.each(functions)('that %s may read are exactly those it names', (_, resource) => {
    expect(readable(resource)).toEqual(named(resource));
  });

  it.each(['AccessTokenPrivateKeyParameter', 'RefreshKeyParameter', 'RateLimitKeyParameter'])(
    'leave %s to auth alone',
    (parameter) => {
      const readers = functions.filter(([, resource]) => readable(resource).includes(parameter));
      expect(readers.map(([name]) => name)).toEqual(['AuthFunction']);
    },
  );

  it.each([
    ['MediaSigningKeyParameter', ['MediaUrlFunction', 'PodcastFunction']],
    ['FeedKeyParameter', ['PodcastFunction']],
  ])('leave %s to those who sign with it', (parameter, signers) => {
    const readers = functions.filter(([, resource]) => readable(resource).includes(parameter)).map(([name]) => name);
    expect(readers.sort()).toEqual(signers.filter((name) => name in Resources));
  });
});

describe('mail', () => {
  it('is sent by auth alone, from one address of one identity', () => {
    const permissions = functions.flatMap(([name, { Properties }]) =>
      (Properties.Policies ?? [])
        .flatMap(({ Statement }) => Statement)
        .filter(({ Action }) => [Action].flat().some((action) => !action.startsWith('ssm:')))
        .map(({ Action, Resource, Condition }) => ({
          name,
          Action,
          Resource: referred(Resource, 'Fn::Sub'),
          Condition,
        })),
    );
    expect(permissions).toEqual([
      {
        name: 'AuthFunction',
        Action: 'ses:SendEmail',
        Resource: expect.stringMatching(/:identity\/\$\{MailIdentity\}$/),
        Condition: { StringEquals: { 'ses:FromAddress': { Ref: 'MailFrom' } } },
      },
    ]);
  });
});
