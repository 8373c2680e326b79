import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';

/** As much of a function in template.yaml as is about its secrets. */
interface FunctionResource {
  readonly Type: string;
  readonly Properties: {
    readonly Environment?: { readonly Variables: Readonly<Record<string, string>> };
    readonly Policies?: readonly { readonly Statement: readonly Statement[] }[];
  };
}

interface Statement {
  readonly Action: string | readonly string[];
  readonly Resource: string | readonly string[];
  readonly Condition?: unknown;
}

const text = readFileSync(path.resolve(import.meta.dirname, '../../template.yaml'), 'utf8');
const scalarTags = ['!Ref', '!Sub', '!GetAtt'].map((tag) => ({ tag, resolve: (value: string) => value }));
const listTags = ['!If', '!Equals'].map((tag) => ({ tag, collection: 'seq' as const }));
const { Resources } = parse(text, { customTags: [...scalarTags, ...listTags] }) as {
  readonly Resources: Readonly<Record<string, FunctionResource>>;
};

const functions = Object.entries(Resources).filter(([, { Type }]) => Type === 'AWS::Serverless::Function');

/** The template's parameters that a function finds the names of in its environment. */
function named({ Properties }: FunctionResource): string[] {
  return Object.entries(Properties.Environment?.Variables ?? {})
    .flatMap(([variable, value]) => (variable.endsWith('_PARAMETER') ? [value] : []))
    .sort();
}

/** The template's parameters whose values its policies let a function read. */
function readable({ Properties }: FunctionResource): string[] {
  const ssm = (Properties.Policies ?? [])
    .flatMap(({ Statement }) => Statement)
    .filter(({ Action }) => [Action].flat().some((action) => action.startsWith('ssm:')));
  expect(ssm.flatMap(({ Action }) => Action)).toEqual(ssm.map(() => 'ssm:GetParameters'));
  return ssm
    .flatMap(({ Resource }) => Resource)
    .map((arn) => /:parameter\$\{(\w+)\}$/.exec(arn)?.[1] ?? arn)
    .sort();
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
});

describe('mail', () => {
  it('is sent by auth alone, from one address of one identity', () => {
    const permissions = functions.flatMap(([name, { Properties }]) =>
      (Properties.Policies ?? [])
        .flatMap(({ Statement }) => Statement)
        .filter(({ Action }) => [Action].flat().some((action) => !action.startsWith('ssm:')))
        .map(({ Action, Resource, Condition }) => ({ name, Action, Resource, Condition })),
    );
    expect(permissions).toEqual([
      {
        name: 'AuthFunction',
        Action: 'ses:SendEmail',
        Resource: expect.stringMatching(/:identity\/\$\{MailIdentity\}$/),
        Condition: { StringEquals: { 'ses:FromAddress': 'MailFrom' } },
      },
    ]);
  });
});
