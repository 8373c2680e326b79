import { copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { findEnvironment } from '../../../tools/environment/environment.ts';
import { secretParametersOf } from '../../../tools/keys/secret-parameters.ts';
import { readTemplate } from '../../../tools/template/read-template.ts';

const project = path.resolve(import.meta.dirname, '../../..');

const parametersIn = async (folder: string, environment: string) =>
  secretParametersOf(folder, await findEnvironment(folder, environment));

let root: string;
beforeEach(async () => {
  root = await mkdtemp(path.join(os.tmpdir(), 'lectern-deployment-'));
  await copyFile(path.join(project, 'template.yaml'), path.join(root, 'template.yaml'));
});
afterEach(() => rm(root, { recursive: true }));

/** As many overrides as a stage needs for secrets of its own. */
async function ownParameters(environment: string): Promise<string> {
  const parameters = await parametersIn(project, 'dev');
  return [...parameters]
    .map(([name, parameter]) => {
      const words = name.toLowerCase().split('_');
      const pascal = words.map((word) => `${word[0]?.toUpperCase()}${word.slice(1)}`).join('');
      // Those that CloudFormation itself reads are of an SSM type, and named for what they hold.
      const suffix = name.startsWith('MEDIA_PUBLIC_KEY') ? '' : 'Parameter';
      return `${pascal}${suffix}=${parameter.replace('/dev/', `/${environment}/`)}`;
    })
    .join(' ');
}

const samconfig = (staging: string) =>
  writeFile(
    path.join(root, 'samconfig.toml'),
    `version = 0.1
[default.global.parameters]
region = "eu-west-1"

[default.deploy.parameters]
stack_name = "lectern-dev"
parameter_overrides = "Environment=dev"

[staging.deploy.parameters]
stack_name = "lectern-staging"
region = "eu-north-1"
parameter_overrides = "Environment=staging ${staging}"
`,
  );

describe('the parameters of a stage', () => {
  it('are those its functions are given, whatever they are', async () => {
    const parameters = await parametersIn(project, 'dev');
    const given = readTemplate(path.join(project, 'template.yaml')).functions.flatMap(({ environment }) =>
      Object.entries(environment).filter(([variable]) => variable.endsWith('_PARAMETER')),
    );
    for (const [variable, parameter] of given) {
      expect(parameters.get(variable.replace('_PARAMETER', ''))).toBe(parameter);
    }
    expect(Object.fromEntries(parameters)).toMatchObject({
      ACCESS_TOKEN_PRIVATE_KEY: '/lectern/dev/access-token-private-key',
      MEDIA_SIGNING_KEY: '/lectern/dev/media-signing-key',
      MEDIA_PUBLIC_KEY_A: '/lectern/dev/media-public-key-a',
      MEDIA_PUBLIC_KEY_B: '/lectern/dev/media-public-key-b',
      FEED_KEY: '/lectern/dev/feed-key',
    });
  });

  it.each(['staging', 'prod'])('are its own in %s, as this project is deployed', async (environment) => {
    const parameters = await parametersIn(project, environment);
    for (const parameter of parameters.values()) expect(parameter).toMatch(new RegExp(`^/lectern/${environment}/`));
  });

  it('are of that stage, as samconfig.toml names them', async () => {
    await samconfig(await ownParameters('staging'));
    const parameters = await parametersIn(root, 'staging');
    expect([...parameters.values()].every((parameter) => parameter.startsWith('/lectern/staging/'))).toBe(true);
    expect(parameters.get('REFRESH_KEY')).toBe('/lectern/staging/refresh-key');
  });

  it.each([
    ['AccessTokenPrivateKeyParameter', '/lectern/dev/access-token-private-key'],
    ['MediaPublicKeyB', '/lectern/dev/media-public-key-b'],
  ])('are not taken from another stage when samconfig.toml forgets %s', async (forgotten, parameter) => {
    const own = await ownParameters('staging');
    await samconfig(own.replace(new RegExp(`${forgotten}=\\S+`), ''));
    await expect(parametersIn(root, 'staging')).rejects.toThrow(parameter);
    await expect(parametersIn(root, 'dev')).resolves.toBeInstanceOf(Map);
  });
});
