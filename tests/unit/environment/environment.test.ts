import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { confirmAccount } from '../../../tools/environment/account.ts';
import { findEnvironment } from '../../../tools/environment/environment.ts';
import { TEST_ACCOUNT, useAwsAccount } from '../../support/aws/account.ts';

const project = path.resolve(import.meta.dirname, '../../..');

let root: string;
beforeEach(async () => {
  root = await mkdtemp(path.join(os.tmpdir(), 'lectern-environment-'));
});
afterEach(() => rm(root, { recursive: true }));

const samconfig = (toml: string) => writeFile(path.join(root, 'samconfig.toml'), `version = 0.1\n${toml}`);
const staging = (more: string) =>
  samconfig(`
[default.global.parameters]
region = "eu-west-1"

[staging.deploy.parameters]
stack_name = "lectern-staging"
${more}`);

describe('an environment', () => {
  it.each(['dev', 'staging', 'prod'])('%s of this project has a region and a stack of its own', async (name) => {
    await expect(findEnvironment(project, name)).resolves.toMatchObject({
      name,
      configEnv: name === 'dev' ? 'default' : name,
      region: 'eu-west-1',
      stackName: `lectern-${name}`,
      parameterOverrides: { Environment: name },
    });
  });

  it('takes what is common to all commands, and what its deployment replaces', async () => {
    await samconfig(`
[staging.global.parameters]
region = "eu-west-1"
profile = "staging-admin"

[staging.deploy.parameters]
region = "eu-north-1"
stack_name = "stage"
parameter_overrides = "Environment=staging"

[staging.lectern.parameters]
account = "012345678901"
`);
    await expect(findEnvironment(root, 'staging')).resolves.toEqual({
      name: 'staging',
      configEnv: 'staging',
      region: 'eu-north-1',
      stackName: 'stage',
      profile: 'staging-admin',
      account: '012345678901',
      parameterOverrides: { Environment: 'staging' },
    });
  });

  // The expected values are what CfnParameterOverridesType of AWS SAM CLI 1.170.0 makes of the same.
  it.each([
    ['a text', `"Environment=staging AppUrl=https://a.example/x?y=z Motto='two words'"`],
    [
      'long pairs',
      `"ParameterKey=Environment,ParameterValue=staging ParameterKey=AppUrl,ParameterValue=https://a.example/x?y=z ParameterKey=Motto,ParameterValue='two words'"`,
    ],
    ['a list', `["Environment=staging", "AppUrl=https://a.example/x?y=z", "Motto=\\"two words\\""]`],
    ['a table', `{ Environment = "staging", AppUrl = "https://a.example/x?y=z", Motto = "two words" }`],
  ])('may have its overrides as %s', async (_, overrides) => {
    await staging(`region = "eu-north-1"\nparameter_overrides = ${overrides}`);
    expect((await findEnvironment(root, 'staging')).parameterOverrides).toEqual({
      Environment: 'staging',
      AppUrl: 'https://a.example/x?y=z',
      Motto: 'two words',
    });
  });

  it.each([
    [
      'without a region, though another environment has one',
      `parameter_overrides = "Environment=staging"`,
      'region = "eu-west-1"',
    ],
    [
      'with an account that is no text',
      `region = "x"\nparameter_overrides = "Environment=staging"\n[staging.lectern.parameters]\naccount = 123456789012`,
      '12 digits',
    ],
    [
      'with a truth value, which sam would write in another way',
      `parameter_overrides = { CacheCluster = true }`,
      'value of CacheCluster in quotes',
    ],
    ['with overrides that are no pairs', `parameter_overrides = "Environment"`, 'must look like Name=value'],
    ['in a broken file', 'region = ', 'samconfig.toml'],
  ])('is refused %s', async (_, toml, message) => {
    await staging(toml);
    await expect(findEnvironment(root, 'staging')).rejects.toThrow(message);
  });

  it('is unknown if samconfig.toml does not have it', async () => {
    await staging('region = "x"\nparameter_overrides = "Environment=staging"');
    await expect(findEnvironment(root, 'prod')).rejects.toThrow('it has staging');
  });
});

describe('the account of an environment', () => {
  useAwsAccount();

  async function confirm(account: string | null): Promise<string> {
    const lines: string[] = [];
    const environment = await findEnvironment(project, 'prod');
    await confirmAccount({ ...environment, account }, (line) => void lines.push(line));
    return lines.join('\n');
  }

  it('is printed with its region, and with what to add while samconfig.toml does not name it', async () => {
    expect(await confirm(null)).toBe(
      `Environment prod: account ${TEST_ACCOUNT}, region eu-west-1
To refuse any other account, add to samconfig.toml:
  [prod.lectern.parameters]
  account = "${TEST_ACCOUNT}"`,
    );
    expect(await confirm(TEST_ACCOUNT)).toBe(`Environment prod: account ${TEST_ACCOUNT}, region eu-west-1`);
  });

  it('stops a command that has credentials of another one', async () => {
    await expect(confirm('999999999999')).rejects.toThrow(
      `prod belongs to account 999999999999, and these AWS credentials to account ${TEST_ACCOUNT}`,
    );
  });
});
