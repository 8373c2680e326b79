import path from 'node:path';
import type { DeploymentEnvironment } from '../environment/environment.ts';
import { readParameters } from '../template/read-template.ts';

/**
 * Returns the names of an environment's SSM parameters by the name of the secret, as template.yaml and samconfig.toml
 * would deploy it, so that this command and the deployed functions and CDN use the same parameters.
 * @throws Error if the environment would use a parameter of the template's default environment.
 */
export function secretParametersOf(root: string, environment: DeploymentEnvironment): ReadonlyMap<string, string> {
  const templateFile = path.join(root, 'template.yaml');
  const parameters = parametersOf(templateFile, environment.parameterOverrides);
  if (environment.configEnv !== 'default') {
    assertOwnParameters(environment.name, parameters, parametersOf(templateFile, {}));
  }
  return parameters;
}

/**
 * Returns the template parameters that name an SSM parameter: for functions (`CursorKeyParameter`, which holds
 * CURSOR_KEY) or for CloudFormation itself (`MediaPublicKeyA` of an SSM type, which holds MEDIA_PUBLIC_KEY_A).
 */
function parametersOf(templateFile: string, overrides: Readonly<Record<string, string>>): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const { name, type, value } of readParameters(templateFile, overrides)) {
    const secret = /^(\w+)Parameter$/.exec(name)?.[1] ?? (type.startsWith('AWS::SSM::') ? name : null);
    if (secret !== null) found.set(screamingSnakeCase(secret), String(value));
  }
  return found;
}

function screamingSnakeCase(name: string): string {
  return name.replace(/(?<!^)[A-Z]/g, '_$&').toUpperCase();
}

function assertOwnParameters(
  environment: string,
  parameters: ReadonlyMap<string, string>,
  defaults: ReadonlyMap<string, string>,
): void {
  const shared = [...parameters].filter(([name, parameter]) => defaults.get(name) === parameter);
  if (shared.length === 0) return;
  throw new Error(
    [
      `With this samconfig.toml, ${environment} would use secrets of the default stage of template.yaml:`,
      ...shared.map(([, parameter]) => `  ${parameter}`),
      `Set its own in parameter_overrides of ${environment} first.`,
    ].join('\n'),
  );
}
