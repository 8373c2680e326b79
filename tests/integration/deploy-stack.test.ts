import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { runDeploy } from '../../tools/deploy/command.ts';
import { readReleaseMetadata } from '../../tools/release/deployable-template.ts';
import { TEST_ACCOUNT, useAwsAccount } from '../support/aws/account.ts';
import { useAwsStandIn } from '../support/aws/stand-in.ts';

const project = path.resolve(import.meta.dirname, '../..');
const API_URL = 'https://abc.execute-api.eu-north-1.amazonaws.com/v1';

/** The template that the stack has. Null while there is no stack. */
let deployed: string | null;

useAwsAccount();
useAwsStandIn('AWS_ENDPOINT_URL_CLOUDFORMATION', ({ body }) => {
  const action = new URLSearchParams(String(body)).get('Action') ?? '';
  if (deployed === null) {
    const error = '<Code>ValidationError</Code><Message>Stack with id stage does not exist</Message>';
    return { status: 400, body: `<ErrorResponse><Error><Type>Sender</Type>${error}</Error></ErrorResponse>` };
  }
  const result =
    action === 'GetTemplate'
      ? `<TemplateBody>${deployed.replaceAll('&', '&amp;').replaceAll('<', '&lt;')}</TemplateBody>`
      : `<Stacks><member><StackName>stage</StackName><StackStatus>UPDATE_COMPLETE</StackStatus><CreationTime>2026-12-01T00:00:00Z</CreationTime><Outputs><member><OutputKey>ApiUrl</OutputKey><OutputValue>${API_URL}</OutputValue></member></Outputs></member></Stacks>`;
  return { body: `<${action}Response><${action}Result>${result}</${action}Result></${action}Response>` };
});

/** A project with one small function, and a program that stands in for sam: it writes down its arguments. */
let root: string;
let samLog: string;

const TEMPLATE = `# A comment.
Transform: AWS::Serverless-2016-10-31
Parameters:
  Environment: { Type: String, Default: dev }
  ParameterPrefix: { Type: String, Default: /lectern }
  AppUrl: { Type: String, Default: https://app.example.com }
  LogLevel: { Type: String, Default: INFO }
  Note: { Type: String, Default: '' }
Rules:
  OwnApp:
    RuleCondition: !Not [!Equals [!Ref Environment, dev]]
    Assertions:
      - Assert: !Not [!Equals [!Ref AppUrl, https://app.example.com]]
        AssertDescription: AppUrl must be yours.
Resources:
  Api: { Type: AWS::Serverless::Api, Properties: { StageName: v1 } }
  HelloFunction:
    Type: AWS::Serverless::Function
    Properties:
      Handler: index.handler
      CodeUri: .build/functions/hello/
      Environment: { Variables: { LEVEL: !Ref LogLevel, URI_PARAMETER: !Sub '\${ParameterPrefix}/\${Environment}/uri' } }
`;

beforeEach(async () => {
  deployed = null;
  root = await mkdtemp(path.join(os.tmpdir(), 'lectern-deploy-'));
  samLog = path.join(root, 'sam.json');
  await cp(path.join(project, 'functions/authorizer'), path.join(root, 'functions/hello'), { recursive: true });
  await cp(path.join(project, 'shared'), path.join(root, 'shared'), { recursive: true });
  await symlink(path.join(project, 'node_modules'), path.join(root, 'node_modules'));
  await writeFile(path.join(root, 'template.yaml'), TEMPLATE);
  await samconfig('');
  const sam = path.join(root, 'sam');
  const script = `#!${process.execPath}\nrequire('fs').writeFileSync(${JSON.stringify(samLog)}, JSON.stringify(process.argv.slice(2)));\nprocess.exit(Number(process.env.SAM_EXIT ?? 0));\n`;
  await writeFile(sam, script, { mode: 0o755 });
  process.env['SAM'] = sam;
});
afterEach(async () => {
  delete process.env['SAM'];
  delete process.env['SAM_EXIT'];
  await rm(root, { recursive: true });
});

/** Functions whose alias is not at the version of the stack. */
let deployedAlone: readonly string[] = [];
afterEach(() => {
  deployedAlone = [];
});

const samconfig = (more: string, overrides = 'Environment=staging AppUrl=https://app.school.test') =>
  writeFile(
    path.join(root, 'samconfig.toml'),
    `version = 0.1
[staging.global.parameters]
region = "eu-north-1"
[staging.deploy.parameters]
stack_name = "stage"
parameter_overrides = "${overrides}"
${more}`,
  );

async function deploy(...args: readonly string[]) {
  const lines: string[] = [];
  const after: string[] = [];
  const print = (line: string) => void lines.push(line);
  const code = await runDeploy(['--environment', 'staging', ...args], {
    root,
    print,
    report: print,
    findDeployedAlone: async () => deployedAlone,
    smokeOfFunction: null,
    deployAlone: async (_, names) => after.push(`alone ${names.join(' ')}`) > 0,
    pruneVersions: async ({ stackName }) => void after.push(`prune ${stackName}`),
    smokeTest: async (apiUrl) => after.push(`test ${apiUrl}`) > 0 && process.env['SMOKE'] !== 'fails',
  });
  const sam = await readFile(samLog, 'utf8').then(
    (text) => JSON.parse(text) as string[],
    () => null,
  );
  return { code, text: lines.join('\n'), sam, after };
}

const written = () => readFile(path.join(root, '.build/template.yaml'), 'utf8');

describe('a deployment of the stack', () => {
  it('says what gets a new version, and gives sam the written template and every parameter', async () => {
    deployed = TEMPLATE;
    const { code, text, sam, after } = await deploy();
    expect([code, text]).toEqual([0, expect.stringContaining(`account ${TEST_ACCOUNT}, region eu-north-1`)]);
    expect(text).toMatch(/hello {2}[0-9a-f]{10} {2}new version/);
    expect(text).toContain('npm run migrate');
    expect(sam).toEqual([
      'deploy',
      ...['--template-file', path.join(root, '.build/template.yaml')],
      ...['--config-file', path.join(root, 'samconfig.toml'), '--config-env', 'staging'],
      ...['--region', 'eu-north-1', '--stack-name', 'stage', '--no-confirm-changeset', '--no-fail-on-empty-changeset'],
      '--parameter-overrides',
      'Environment="staging"',
      'ParameterPrefix="/lectern"',
      'AppUrl="https://app.school.test"',
      'LogLevel="INFO"',
      'Note=""',
    ]);
    expect(after).toEqual(['alone ', 'prune stage', `test ${API_URL}`]);
    expect(readReleaseMetadata(await written())?.functions.size).toBe(1);
  });

  it('keeps the release of a function that was deployed alone, and deploys it alone after the stack', async () => {
    await deploy('--dry-run');
    deployed = await written();
    const kept = readReleaseMetadata(deployed)?.functions.get('hello')?.release;
    deployedAlone = ['hello'];
    const { text, after } = await deploy('--parameter-overrides', 'LogLevel=DEBUG');
    expect(text).toContain('Deployed alone since: hello');
    expect(after).toEqual(['alone hello', 'prune stage', `test ${API_URL}`]);
    expect(readReleaseMetadata(await written())?.functions.get('hello')?.release).toBe(kept);
    expect(await written()).toContain(`AutoPublishCodeSha256: ${kept}`);
  });

  it('leaves functions alone that have not changed, and replaces those whose settings have', async () => {
    await deploy('--dry-run');
    deployed = await written();
    expect((await deploy('--dry-run')).text).toMatch(/hello {2}[0-9a-f]{10} {2}unchanged/);
    const changed = await deploy('--dry-run', '--parameter-overrides', 'LogLevel=DEBUG', 'Note=two words "quoted"');
    expect(changed.text).toMatch(/hello {2}[0-9a-f]{10} -> [0-9a-f]{10} {2}new version/);
    expect((await deploy('--dry-run', '--parameter-overrides', 'Note=x')).text).toContain('unchanged');
    expect([changed.sam, changed.after]).toEqual([null, []]);
  });

  it.each([
    ['an example outside of dev', () => samconfig('', 'Environment=staging'), 'AppUrl must be yours.'],
    [
      'another account',
      () => samconfig('[staging.lectern.parameters]\naccount = "999999999999"'),
      'Nothing was changed',
    ],
    ['a parameter that does not exist', () => samconfig('', 'Environment=staging AppUrl=x Loglevel=INFO'), 'Loglevel'],
  ])('stops before sam with %s', async (_, arrange, message) => {
    await arrange();
    await expect(deploy()).rejects.toThrow(message);
    await expect(readFile(samLog)).rejects.toThrow('ENOENT');
  });

  it('refuses to deploy another environment, and arguments that it does not know', async () => {
    await expect(deploy('--parameter-overrides', 'Environment=prod')).rejects.toThrow('use --environment');
    expect(await deploy('hello', 'world')).toMatchObject({ code: 2, sam: null });
    expect(await deploy('--parameter-overrides', 'LogLevel')).toMatchObject({ code: 2, sam: null });
  });

  it('prunes and tests nothing when sam fails', async () => {
    process.env['SAM_EXIT'] = '3';
    expect(await deploy()).toMatchObject({ code: 1, text: expect.stringContaining('exit code 3'), after: [] });
  });

  it('fails when the smoke test fails, and when there is no sam', async () => {
    deployed = TEMPLATE;
    process.env['SMOKE'] = 'fails';
    expect(await deploy()).toMatchObject({ code: 1, text: expect.stringContaining('The smoke test failed') });
    delete process.env['SMOKE'];
    process.env['SAM'] = '/no/such/sam';
    await expect(deploy()).rejects.toThrow('There is no /no/such/sam');
  });
});
