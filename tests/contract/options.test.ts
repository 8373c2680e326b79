import { readFileSync } from 'node:fs';
import path from 'node:path';
import { isMapping } from '../../tools/template/fields.ts';
import { resolveIntrinsics, type Scope } from '../../tools/template/intrinsics.ts';
import { readParameters, readTemplate } from '../../tools/template/read-template.ts';
import { brokenRules } from '../../tools/template/rules.ts';
import { parseTemplate } from '../../tools/template/yaml.ts';
import { expectNoProblems } from '../support/contract/no-problems.ts';
import { readStack } from '../support/contract/resources.ts';

type Values = Readonly<Record<string, string>>;

const root = path.resolve(import.meta.dirname, '../..');
const templateFile = path.join(root, 'template.yaml');
const { Parameters } = parseTemplate(readFileSync(templateFile, 'utf8')) as {
  readonly Parameters: Readonly<Record<string, { readonly Default?: unknown; readonly AllowedPattern?: string }>>;
};
const { Resources: resources, Conditions: conditions, Outputs: outputs } = readStack('template.yaml');

/** A value for each option. CI expands and checks the template with them. */
const everyOption = JSON.parse(
  readFileSync(path.join(root, 'tests/support/contract/every-option.json'), 'utf8'),
) as Values;

const DEFAULTS: Values = {};
const MEDIA_CERTIFICATE = { MediaCertificateArn: everyOption['MediaCertificateArn'] ?? '' };

const scopes = new Map<Values, Scope>();
function scopeOf(given: Values): Scope {
  const known = scopes.get(given);
  if (known !== undefined) return known;
  const parameters = Object.fromEntries(readParameters(templateFile, given).map(({ name, value }) => [name, value]));
  const scope = { parameters, conditions, mappings: {}, resources };
  scopes.set(given, scope);
  return scope;
}

/** The resources that a deployment with these parameters has. */
function deployed(given: Values): string[] {
  const scope = scopeOf(given);
  return Object.entries(resources)
    .filter(
      ([, { Condition }]) => Condition === undefined || resolveIntrinsics({ Condition }, scope, 'Condition') === true,
    )
    .map(([id]) => id);
}

function resolvedProperties(id: string, given: Values): Readonly<Record<string, unknown>> {
  const resolved = resolveIntrinsics(resources[id]?.Properties, scopeOf(given), id);
  if (!isMapping(resolved)) throw new Error(`template.yaml has no ${id}`);
  return resolved;
}

function idsOf(type: string): string[] {
  return Object.keys(resources).filter((id) => resources[id]?.Type === type);
}

describe('the options of template.yaml', () => {
  it('are all in the set that CI expands the template with', () => {
    const options = Object.keys(Parameters).filter((name) => ['', 'false'].includes(String(Parameters[name]?.Default)));
    const missing = options.filter((name) => (everyOption[name] ?? '') === '');
    expectNoProblems(missing.map((name) => `tests/support/contract/every-option.json: add a value for ${name}`));
  });

  it('add nothing to a deployment while they are off', () => {
    const added = deployed(everyOption).filter((id) => !deployed(DEFAULTS).includes(id));
    expect(added).toEqual(expect.arrayContaining(['ApiDomainName', 'ApiDomainMapping', 'ApiWebAcl']));
    expect(added.map((id) => resources[id]?.Condition)).not.toContain(undefined);
    expect(resolvedProperties('MediaDistribution', DEFAULTS)).not.toHaveProperty('DistributionConfig.WebACLId');
    for (const id of idsOf('AWS::Serverless::Function'))
      expect(resolvedProperties(id, DEFAULTS)).not.toHaveProperty('ReservedConcurrentExecutions');
    for (const id of idsOf('AWS::Logs::LogGroup'))
      expect(resolvedProperties(id, DEFAULTS)).not.toHaveProperty('KmsKeyId');
  });

  it('change no route, and neither add nor remove a function', () => {
    const [plain, full] = [readTemplate(templateFile), readTemplate(templateFile, { parameters: everyOption })];
    expect(full.routes).toEqual(plain.routes);
    expect(full.functions.map(({ logicalId }) => logicalId)).toEqual(plain.functions.map(({ logicalId }) => logicalId));
  });

  it.each<[string, Values, RegExp]>([
    ['a domain of the API without a certificate', { ApiDomain: 'api.lectern.example' }, /^ApiDomain and/],
    [
      'a certificate of the API without a domain',
      { ApiCertificateArn: everyOption['ApiCertificateArn'] ?? '' },
      /^ApiDomain and/,
    ],
    ['a domain of media without a certificate', { MediaDomain: 'media.lectern.example' }, /^MediaDomain needs/],
    ['subnets without security groups', { VpcSubnetIds: 'subnet-0123456789abcdef0' }, /^VpcSubnetIds and/],
    ['security groups without subnets', { VpcSecurityGroupIds: 'sg-0123456789abcdef0' }, /^VpcSubnetIds and/],
  ])('refuse %s', (_, given, message) => {
    expect(brokenRules(templateFile, given)).toEqual([expect.stringMatching(message)]);
  });

  it.each<[string, Values]>([
    ['none of them', {}],
    ['all of them', everyOption],
    ['a certificate of media that waits for its domain', MEDIA_CERTIFICATE],
  ])('accept %s', (_, given) => {
    expect(brokenRules(templateFile, given)).toEqual([]);
  });

  it.each<[string, string, boolean]>([
    ['ApiDomain', 'api.example.com', true],
    ['ApiDomain', 'https://api.example.com', false],
    ['ApiDomain', 'api.example.com/v1', false],
    ['ApiCertificateArn', 'arn:aws:acm:eu-west-1:111122223333:certificate/0-1', true],
    ['WebAclArn', 'arn:aws:wafv2:eu-west-1:111122223333:regional/webacl/a/0-1', true],
    ['WebAclArn', 'arn:aws:wafv2:us-east-1:111122223333:global/webacl/a/0-1', false],
    ['MediaWebAclArn', 'arn:aws:wafv2:us-east-1:111122223333:global/webacl/a/0-1', true],
    ['MediaWebAclArn', 'arn:aws:wafv2:eu-west-1:111122223333:regional/webacl/a/0-1', false],
    ['CoursesConcurrency', '0', true],
    ['CoursesConcurrency', '-1', false],
    ['VpcSubnetIds', 'subnet-0123456789abcdef0,subnet-0123456789abcdef1', true],
    ['VpcSubnetIds', 'subnet-0123456789abcdef0, subnet-0123456789abcdef1', false],
    ['VpcSecurityGroupIds', 'subnet-0123456789abcdef0', false],
    ['KmsKeyArn', 'arn:aws:kms:eu-west-1:111122223333:key/0-1', true],
    ['KmsKeyArn', 'alias/lectern', false],
  ])('take as %s the value %s: %s', (name, value, isAllowed) => {
    // CloudFormation matches the pattern with the whole value.
    expect(new RegExp(`^(?:${Parameters[name]?.AllowedPattern})$`).test(value)).toBe(isAllowed);
  });
});

describe('a domain of the API', () => {
  const domain: Values = {
    ApiDomain: 'api.lectern.example',
    ApiCertificateArn: everyOption['ApiCertificateArn'] ?? '',
  };
  const apiUrl = (given: Values) =>
    resolveIntrinsics(outputs['ApiUrl'], scopeOf(given), 'Outputs') as { readonly Value: string };
  const podcastApiUrl = (given: Values) =>
    readTemplate(templateFile, { parameters: given }).functions.find(({ name }) => name === 'podcast')?.environment[
      'API_URL'
    ];

  it('keeps the paths: its base path is the name of the stage', () => {
    expect(resolvedProperties('ApiDomainMapping', domain)).toMatchObject({
      BasePath: readTemplate(templateFile).stageName,
      RestApiId: 'Api',
      Stage: 'Api',
    });
  });

  it('is the address that the stack puts out, and that podcast apps get', () => {
    expect(apiUrl(domain).Value).toBe('https://api.lectern.example/v1');
    expect(apiUrl(DEFAULTS).Value).toMatch(/execute-api/);
    expect(podcastApiUrl(domain)).toBe('https://api.lectern.example/v1');
    expect(podcastApiUrl({ ...domain, PublicApiUrl: 'https://proxy.example/x' })).toBe('https://proxy.example/x');
    expect(podcastApiUrl({})).toBe('');
  });
});

describe('what holds for every function', () => {
  it('is in FunctionsPolicy: no network interfaces for code, and the key of the SecureStrings', () => {
    const roles = JSON.stringify(resources['FunctionsPolicy']?.Properties['Roles']);
    expectNoProblems(
      idsOf('AWS::Serverless::Function')
        .filter((id) => !roles.includes(`"${id}Role"`))
        .map((id) => `template.yaml: FunctionsPolicy leaves ${id} out: add this to its Roles\n- !Ref ${id}Role`),
    );
  });

  it('decrypts nothing but parameters, through Parameter Store, of this environment, with the key of the stack', () => {
    const statements = (given: Values) =>
      (resolvedProperties('FunctionsPolicy', given)['PolicyDocument'] as { readonly Statement: readonly unknown[] })
        .Statement;
    expect(statements(DEFAULTS)).toEqual([expect.objectContaining({ Effect: 'Deny', Action: 'ec2:*' })]);
    expect(statements(everyOption).slice(1)).toEqual([
      {
        Sid: 'DecryptSecureStrings',
        Effect: 'Allow',
        Action: 'kms:Decrypt',
        Resource: everyOption['KmsKeyArn'],
        Condition: {
          StringEquals: { 'kms:ViaService': expect.stringMatching(/^ssm\.[\w-]+\.amazonaws\.com$/) },
          StringLike: {
            'kms:EncryptionContext:PARAMETER_ARN': expect.stringMatching(
              /^arn:aws:ssm:.+:parameter\/lectern\/dev\/\*$/,
            ),
          },
        },
      },
    ]);
  });

  it('is how long logs are kept, and with which key', () => {
    for (const id of idsOf('AWS::Logs::LogGroup')) {
      expect(resolvedProperties(id, everyOption)).toMatchObject({
        RetentionInDays: 90,
        KmsKeyId: everyOption['KmsKeyArn'],
      });
    }
  });

  it('is the rate limit of the stage, in each entry of MethodSettings that sets one', () => {
    const settings = resolvedProperties('Api', everyOption)['MethodSettings'] as readonly Values[];
    const limited = settings.filter((setting) => 'ThrottlingRateLimit' in setting);
    expect(limited).not.toEqual([]);
    for (const setting of limited)
      expect(setting).toMatchObject({ ThrottlingRateLimit: 50, ThrottlingBurstLimit: 100 });
  });
});
