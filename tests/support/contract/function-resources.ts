import type { Route, Routes } from '../../../shared/http/route.ts';
import { isMapping } from '../../../tools/template/fields.ts';
import { yamlOfCaching, yamlOfEvent } from './declarations.ts';
import { hookOf, isDeploymentHook, watcherProblems, yamlOfWatchers } from './monitoring.ts';
import type { Resource, Resources } from './resources.ts';

/** Where the SSM parameters of an environment are, in the template. */
export const PARAMETER_FOLDER = `\${ParameterPrefix}/\${Environment}/`;

/** Secrets of functions, each with the last part of its SSM parameter's name. */
const SECRETS = {
  MONGODB_URI: 'mongodb-uri',
  CURSOR_KEY: 'cursor-key',
  ACCESS_TOKEN_PUBLIC_KEYS: 'access-token-public-keys',
} as const;

/** Settings that functions read from their environment, each with the template parameter that holds it. */
const PLAIN_SETTINGS = {
  TOKEN_ISSUER: 'TokenIssuer',
  TOKEN_AUDIENCE: 'TokenAudience',
  ALLOWED_ORIGINS: 'AllowedOrigins',
} as const;

/** The function that probes each new version. */
const RELEASE_CHECK = 'ReleaseCheckFunction';

type Secret = keyof typeof SECRETS;
type PlainSetting = keyof typeof PLAIN_SETTINGS;

/** Finds what a function lacks in the template. Each problem is a sentence that says what to do. */
export function functionResourceProblems(name: string, routes: Routes, resources: Resources): string[] {
  const found = Object.entries(resources).find(
    ([, { Type, Properties }]) =>
      Type === 'AWS::Serverless::Function' && Properties['CodeUri'] === `.build/functions/${name}/`,
  );
  if (found === undefined) {
    return [
      `template.yaml has no function for functions/${name}: add this under Resources\n${yamlOfFunction(name, routes)}${yamlOfCaching(routes)}`,
    ];
  }
  const [id, { Properties }] = found;
  const hasLog =
    hasLogGroup(id, resources) ||
    `template.yaml: ${id} has no log group, so that its logs would be kept for ever: add this\n${yamlOfLog(id)}`;
  // It reads no secrets, and no deployment of its own waits for it.
  if (isDeploymentHook(id, resources)) return [hasLog].filter((problem) => typeof problem === 'string');
  return [
    ...missingVariables(Properties, routes).map(
      (variable) => `template.yaml: ${id} lacks the variable ${variable}, which its routes need: add it to Environment`,
    ),
    hasLog,
    ...watcherProblems(baseOf(id), resources),
    hasOwnPreference(id, resources) ||
      `template.yaml: ${id} has no deployment preference with an alarm and a check of its own, so that a broken deployment would not be rolled back: make this the DeploymentPreference in its Properties\n${indent(yamlOfPreference(id), 6)}`,
  ].filter((problem) => typeof problem === 'string');
}

function missingVariables(properties: Resource['Properties'], routes: Routes): string[] {
  const environment = properties['Environment'];
  const variables = isMapping(environment) && isMapping(environment['Variables']) ? environment['Variables'] : {};
  // The plain variable is declared too, without a value: locally it takes the place of the parameter.
  const wanted = [
    ...secretsOf(routes).flatMap((secret) => [secret, `${secret}_PARAMETER`]),
    ...plainSettingsOf(routes),
  ];
  return wanted.filter((variable) => !(variable in variables));
}

function hasLogGroup(id: string, resources: Resources): boolean {
  return Object.values(resources).some(
    (resource) => isLogOf(id, resource) && resource.Properties['RetentionInDays'] !== undefined,
  );
}

function isLogOf(id: string, resource: Resource | undefined): boolean {
  const name = resource?.Properties['LogGroupName'];
  return resource?.Type === 'AWS::Logs::LogGroup' && isMapping(name) && name['Fn::Sub'] === `/aws/lambda/\${${id}}`;
}

/**
 * Whether the deployment preference names the alarm about the version that is deployed, and no other: one about the
 * whole function would stop the deployment that mends it. It must also have a check before the traffic.
 */
function hasOwnPreference(id: string, resources: Resources): boolean {
  const properties = resources[id]?.Properties ?? {};
  const preference = properties['DeploymentPreference'];
  const alarms = isMapping(preference) && Array.isArray(preference['Alarms']) ? preference['Alarms'] : [];
  const [alarm, ...others] = alarms.map((named) => (isMapping(named) ? String(named['Ref']) : String(named)));
  return alarm === alarmOf(id) && others.length === 0 && hookOf(properties) === RELEASE_CHECK;
}

function secretsOf(routes: Routes): Secret[] {
  const all = Object.values<Route>(routes);
  return [
    'MONGODB_URI' as const,
    ...(all.some(({ query }) => query !== undefined && 'cursor' in query) ? (['CURSOR_KEY'] as const) : []),
    ...(all.some(takesToken) ? (['ACCESS_TOKEN_PUBLIC_KEYS'] as const) : []),
  ];
}

function plainSettingsOf(routes: Routes): PlainSetting[] {
  const all = Object.values<Route>(routes);
  return [
    ...(all.some(takesToken) ? (['TOKEN_ISSUER', 'TOKEN_AUDIENCE'] as const) : []),
    ...(all.some(({ cache }) => cache === undefined) ? (['ALLOWED_ORIGINS'] as const) : []),
  ];
}

function takesToken({ auth }: Route): boolean {
  return auth !== 'public' && auth !== 'gateway';
}

/** Writes the whole resource of a new function with its log group and alarms, to paste into the template. */
function yamlOfFunction(name: string, routes: Routes): string {
  const id = `${name.replace(/(^|-)(\w)/g, (_, _hyphen, letter: string) => letter.toUpperCase())}Function`;
  const secrets = secretsOf(routes);
  const variables = [
    '# Declared without a value, as in CoursesFunction.',
    ...secrets.map((secret) => `${secret}: !Ref AWS::NoValue`),
    ...secrets.map((secret) => `${secret}_PARAMETER: !Sub ${PARAMETER_FOLDER}${SECRETS[secret]}`),
    ...plainSettingsOf(routes).map((setting) => `${setting}: !Ref ${PLAIN_SETTINGS[setting]}`),
  ];
  const events = Object.entries<Route>(routes).map(([key, route]) => indent(yamlOfEvent(key, route), 8));
  return [
    `  ${id}:`,
    '    Type: AWS::Serverless::Function',
    '    Properties:',
    '      Description: What the function is for, in one sentence.',
    `      CodeUri: .build/functions/${name}/`,
    '      Environment:',
    '        Variables:',
    indent(variables.join('\n'), 10),
    indent(yamlOfPolicies(secrets.map((secret) => SECRETS[secret])), 6),
    indent(yamlOfPreference(id), 6),
    '      Events:',
    ...events,
    '',
    yamlOfLog(id),
    '',
    yamlOfWatchers(baseOf(id)),
  ].join('\n');
}

/**
 * Writes the permission of a function to read SSM parameters, to paste into its Properties.
 * @param parameters the last parts of their names
 */
export function yamlOfPolicies(parameters: readonly string[]): string {
  return [
    'Policies:',
    '  - Statement:',
    '      - Sid: ReadOwnParameters',
    '        Effect: Allow',
    '        Action: ssm:GetParameters',
    '        Resource:',
    ...parameters.map(
      (parameter) =>
        `          - !Sub arn:\${AWS::Partition}:ssm:\${AWS::Region}:\${AWS::AccountId}:parameter${PARAMETER_FOLDER}${parameter}`,
    ),
  ].join('\n');
}

function yamlOfPreference(id: string): string {
  return [
    'DeploymentPreference:',
    '  Type: !Ref DeploymentType',
    `  Alarms: [!Ref ${alarmOf(id)}]`,
    `  Hooks: { PreTraffic: !Ref ${RELEASE_CHECK} }`,
  ].join('\n');
}

function yamlOfLog(id: string): string {
  return [
    `  ${baseOf(id)}Log:`,
    '    Type: AWS::Logs::LogGroup',
    '    Properties:',
    `      LogGroupName: !Sub /aws/lambda/\${${id}}`,
    '      RetentionInDays: !Ref LogRetentionDays',
    '      KmsKeyId: !If [HasKmsKey, !Ref KmsKeyArn, !Ref AWS::NoValue]',
  ].join('\n');
}

function alarmOf(id: string): string {
  return `${baseOf(id)}ReleaseFailures`;
}

/** The name of a function that its other resources begin with. */
export function baseOf(id: string): string {
  return id.replace(/Function$/, '');
}

function indent(text: string, spaces: number): string {
  return text.replace(/^(?=.)/gm, ' '.repeat(spaces));
}
