import { copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { readTemplate } from '../../local/gateway/template.ts';
import { findDeployment } from '../../scripts/keys/deployment.ts';

const project = path.resolve(import.meta.dirname, '../..');

let root: string;
beforeEach(async () => {
  root = await mkdtemp(path.join(os.tmpdir(), 'lectern-deployment-'));
  await copyFile(path.join(project, 'template.yaml'), path.join(root, 'template.yaml'));
});
afterEach(() => rm(root, { recursive: true }));

/** As many overrides as a stage needs for secrets of its own. */
async function ownParameters(environment: string): Promise<string> {
  const { parameters } = await findDeployment(project, 'dev');
  return [...parameters]
    .map(([name, parameter]) => {
      const words = name.toLowerCase().split('_');
      const pascal = words.map((word) => `${word[0]?.toUpperCase()}${word.slice(1)}`).join('');
      return `${pascal}Parameter=${parameter.replace('/dev/', `/${environment}/`)}`;
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
parameter_overrides = "Environment=dev"

[staging.deploy.parameters]
region = "eu-north-1"
parameter_overrides = "Environment=staging ${staging}"
`,
  );

describe('the parameters of a stage', () => {
  it('are those its functions are given, whatever they are', async () => {
    const { region, parameters } = await findDeployment(project, 'dev');
    expect(region).toBe('eu-west-1');
    const given = readTemplate(path.join(project, 'template.yaml')).functions.flatMap(({ environment }) =>
      Object.entries(environment).filter(([variable]) => variable.endsWith('_PARAMETER')),
    );
    for (const [variable, parameter] of given) {
      expect(parameters.get(variable.replace('_PARAMETER', ''))).toBe(parameter);
    }
    expect(parameters.get('ACCESS_TOKEN_PRIVATE_KEY')).toBe('/lectern/dev/access-token-private-key');
  });

  it('are of that stage, as samconfig.toml names them', async () => {
    await samconfig(await ownParameters('staging'));
    const { region, parameters } = await findDeployment(root, 'staging');
    expect(region).toBe('eu-north-1');
    expect([...parameters.values()].every((parameter) => parameter.startsWith('/lectern/staging/'))).toBe(true);
    expect(parameters.get('REFRESH_KEY')).toBe('/lectern/staging/refresh-key');
  });

  it('are not taken from another stage when samconfig.toml forgets one', async () => {
    const own = await ownParameters('staging');
    await samconfig(own.replace(/AccessTokenPrivateKeyParameter=\S+/, ''));
    await expect(findDeployment(root, 'staging')).rejects.toThrow('/lectern/dev/access-token-private-key');
    await expect(findDeployment(root, 'dev')).resolves.toMatchObject({ environment: 'dev' });
  });

  it('are unknown for a stage that samconfig.toml does not have', async () => {
    await samconfig('');
    await expect(findDeployment(root, 'prod')).rejects.toThrow('it has dev, staging');
  });
});
