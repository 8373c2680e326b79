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

const slots = (folder: string) =>
  `MediaPublicKeyA=${folder}/media-public-key-a MediaPublicKeyB=${folder}/media-public-key-b`;

describe('the secrets of an environment', () => {
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

  it('are those below the prefix that samconfig.toml sets', async () => {
    await samconfig(`ParameterPrefix=/teams/learning ${slots('/teams/learning/staging')}`);
    const parameters = await parametersIn(root, 'staging');
    expect([...parameters.values()].every((parameter) => parameter.startsWith('/teams/learning/staging/'))).toBe(true);
    expect(parameters.get('REFRESH_KEY')).toBe('/teams/learning/staging/refresh-key');
    expect(parameters.get('MEDIA_KEY_PAIR_IDS')).toBe('/teams/learning/staging/media-key-pair-ids');
  });

  it.each([
    ['names no public keys', '', 'MediaPublicKeyA=/lectern/dev/media-public-key-a'],
    [
      'forgets one of them',
      'MediaPublicKeyA=/lectern/staging/media-public-key-a',
      'MediaPublicKeyB=/lectern/dev/media-public-key-b',
    ],
    ['names those of a third one', slots('/lectern/prod'), 'MediaPublicKeyA=/lectern/prod/media-public-key-a'],
    [
      'changes only the prefix',
      `ParameterPrefix=/other ${slots('/lectern/staging')}`,
      'MediaPublicKeyA=/lectern/staging/media-public-key-a',
    ],
  ])('are not taken from another environment when samconfig.toml %s', async (_, overrides, foreign) => {
    await samconfig(overrides);
    const prefix = overrides.includes('/other') ? '/other' : '/lectern';
    await expect(parametersIn(root, 'staging')).rejects.toThrow(foreign);
    await expect(parametersIn(root, 'staging')).rejects.toThrow(`MediaPublicKeyB=${prefix}/staging/media-public-key-b`);
    await expect(parametersIn(root, 'dev')).resolves.toBeInstanceOf(Map);
  });
});
