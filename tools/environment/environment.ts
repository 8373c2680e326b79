import { parseOverrides } from './parameter-overrides.ts';
import { type ConfigEnvironment, OWN_SECTION, readSamconfig } from './samconfig.ts';

/** An environment that samconfig.toml can deploy. */
export interface DeploymentEnvironment {
  /** The value of the template's parameter `Environment`, such as `prod`. */
  readonly name: string;
  /** Its name for `sam --config-env`. */
  readonly configEnv: string;
  readonly region: string;
  /** Null if samconfig.toml does not name it. */
  readonly account: string | null;
  /** The profile of the AWS configuration that `sam` would use. Null for that of the shell. */
  readonly profile: string | null;
  readonly stackName: string;
  /** Values of template parameters that differ from their defaults. */
  readonly parameterOverrides: Readonly<Record<string, string>>;
}

/**
 * Finds an environment in samconfig.toml by the value of its parameter `Environment`.
 * @throws Error if there is none, or if it lacks a region, which must not depend on whose shell it is deployed from.
 */
export async function findEnvironment(root: string, name: string): Promise<DeploymentEnvironment> {
  const known = (await readSamconfig(root)).map((config) => ({
    config,
    parameterOverrides: parseOverrides(config.deploy['parameter_overrides']),
  }));
  const found = known.filter(({ parameterOverrides }) => parameterOverrides['Environment'] === name);
  const [environment, another] = found;
  if (environment === undefined) {
    const names = known.flatMap(({ parameterOverrides }) => parameterOverrides['Environment'] ?? []);
    throw new Error(`samconfig.toml has no environment ${name}; it has ${names.join(', ')}`);
  }
  if (another !== undefined) {
    const names = found.map(({ config }) => config.configEnv);
    throw new Error(`samconfig.toml: ${names.join(' and ')} both have Environment=${name}`);
  }
  const { config, parameterOverrides } = environment;
  const { configEnv } = config;
  return {
    name,
    configEnv,
    region: required(config, 'region', `[${configEnv}.global.parameters]`, 'eu-west-1'),
    stackName: required(config, 'stack_name', `[${configEnv}.deploy.parameters]`, `lectern-${name}`),
    account: accountOf(config),
    profile: optionalText(config.deploy['profile']),
    parameterOverrides,
  };
}

function required({ deploy }: ConfigEnvironment, setting: string, section: string, example: string): string {
  const value = optionalText(deploy[setting]);
  if (value !== null) return value;
  throw new Error(`samconfig.toml: ${section} needs ${setting}, for example: ${setting} = "${example}"`);
}

function accountOf({ configEnv, own }: ConfigEnvironment): string | null {
  const { account } = own;
  if (account === undefined) return null;
  // In quotes, because an account may begin with 0.
  if (typeof account === 'string' && /^\d{12}$/.test(account)) return account;
  throw new Error(`samconfig.toml: [${configEnv}.${OWN_SECTION}.parameters] account must be 12 digits in quotes`);
}

function optionalText(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}
