import path from 'node:path';
import type { DeploymentEnvironment } from '../environment/environment.ts';
import { readParameters, readTemplate } from '../template/read-template.ts';

const PARAMETER_SUFFIX = '_PARAMETER';

/**
 * Returns the names of an environment's SSM parameters by the name of the secret, as template.yaml and samconfig.toml
 * would deploy it, so that this command and the deployed functions and CDN use the same parameters.
 * @throws Error if CloudFormation would read a parameter of another environment.
 */
export function secretParametersOf(
  root: string,
  { name, configEnv, parameterOverrides }: DeploymentEnvironment,
): ReadonlyMap<string, string> {
  const file = path.join(root, 'template.yaml');
  const { functions } = readTemplate(file, { parameters: parameterOverrides });
  const ofFunctions = functions.flatMap(({ environment }) =>
    Object.entries(environment).flatMap(([variable, parameter]) =>
      variable.endsWith(PARAMETER_SUFFIX) ? [[variable.slice(0, -PARAMETER_SUFFIX.length), parameter] as const] : [],
    ),
  );

  const parameters = readParameters(file, parameterOverrides);
  const prefix = parameters.find((parameter) => parameter.name === 'ParameterPrefix')?.value;
  const ofCloudFormation = parameters
    .filter(({ type }) => type.startsWith('AWS::SSM::'))
    .map((parameter) => ({ ...parameter, own: `${prefix}/${name}/${wordsOf(parameter.name).join('-')}` }));
  const foreign = ofCloudFormation.filter(({ value, own }) => value !== own);
  if (foreign.length > 0) {
    throw new Error(
      [
        `With this samconfig.toml, ${name} would use keys of another environment:`,
        ...foreign.map((parameter) => `  ${parameter.name}=${parameter.value}`),
        `Set these in parameter_overrides of [${configEnv}.deploy.parameters]:`,
        ...foreign.map((parameter) => `  ${parameter.name}=${parameter.own}`),
      ].join('\n'),
    );
  }
  return new Map([
    ...ofFunctions,
    ...ofCloudFormation.map((parameter) => [wordsOf(parameter.name).join('_').toUpperCase(), parameter.own] as const),
  ]);
}

/** Splits `MediaPublicKeyA` into `media`, `public`, `key` and `a`. */
function wordsOf(name: string): readonly string[] {
  return name.split(/(?<!^)(?=[A-Z])/).map((word) => word.toLowerCase());
}
