import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fieldsOf } from '../../../tools/template/fields.ts';
import { readTemplate } from '../../../tools/template/read-template.ts';
import { parseTemplate } from '../../../tools/template/yaml.ts';

const file = path.resolve(import.meta.dirname, '../../../template.yaml');

/** The variables of each function in the template, with their intrinsic functions. */
function declaredVariables(): (readonly [string, Readonly<Record<string, unknown>>])[] {
  const resources = fieldsOf(parseTemplate(readFileSync(file, 'utf8')), 'the template').fields('Resources');
  return readTemplate(file).functions.map(({ logicalId }) => {
    const variables = resources.fields(logicalId).fields('Properties').fields('Environment').fields('Variables');
    return [logicalId, Object.fromEntries(variables.names.map((name) => [name, variables.value(name)]))];
  });
}

const isParameter = (variable: string) => variable.endsWith('_PARAMETER');

/** The release check has no secrets. */
const withSecrets = declaredVariables().filter(([id]) => id !== 'ReleaseCheckFunction');

it('only the release check has no secrets', () => {
  const without = declaredVariables().filter(([, variables]) => !Object.keys(variables).some(isParameter));
  expect(without.map(([id]) => id)).toEqual(['ReleaseCheckFunction']);
});

describe.each(withSecrets)('the secrets of %s', (logicalId, variables) => {
  const secrets = Object.keys(variables).flatMap((name) => /^(.+)_PARAMETER$/.exec(name)?.[1] ?? []);

  it.each(secrets)('let `sam local` set %s as a plain variable, which AWS omits', (name) => {
    // sam passes on only variables that the template declares. CloudFormation omits those with AWS::NoValue.
    expect(variables[name]).toEqual({ Ref: 'AWS::NoValue' });
  });

  it('are not among its deployed variables', () => {
    const deployed = readTemplate(file).functions.find((fn) => fn.logicalId === logicalId)?.environment ?? {};
    expect(secrets.filter((name) => name in deployed)).toEqual([]);
  });
});
