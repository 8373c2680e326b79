import type { Route, Routes } from '../../../shared/http/route.ts';
import { isMapping } from '../../../tools/template/fields.ts';
import { yamlOfCaching, yamlOfEvent } from './declarations.ts';
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
  return [
    ...missingVariables(Properties, routes).map(
      (variable) => `template.yaml: ${id} lacks the variable ${variable}, which its routes need: add it to Environment`,
    ),
    hasLogGroup(id, resources) ||
      `template.yaml: ${id} has no log group, so that its logs would be kept for ever: add this\n${yamlOfLog(id)}`,
    hasOwnAlarm(id, resources) ||
      `template.yaml: ${id} has no deployment preference with an alarm of its own, so that a broken deployment would not be rolled back: ${remedyFor(name, id, resources)}`,
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

/** Whether the deployment preference names only alarms that exist, and one that watches this function. */
function hasOwnAlarm(id: string, resources: Resources): boolean {
  const alarms = alarmsOf(id, resources);
  return (
    alarms.every((alarm) => resources[alarm]?.Type === 'AWS::CloudWatch::Alarm') &&
    alarms.some((alarm) => watches(alarm, id, resources))
  );
}

/** The names of the alarms in the deployment preference. */
function alarmsOf(id: string, resources: Resources): string[] {
  const preference = resources[id]?.Properties['DeploymentPreference'];
  const alarms = isMapping(preference) && Array.isArray(preference['Alarms']) ? preference['Alarms'] : [];
  return alarms.map((alarm) => (isMapping(alarm) ? String(alarm['Ref']) : String(alarm)));
}

/** Whether an alarm measures this function: by a metric of Lambda, or by one that a filter finds in the function's log. */
function watches(alarm: string, id: string, resources: Resources): boolean {
  const { MetricName, Dimensions = [] } = resources[alarm]?.Properties ?? {};
  const isOfFunction = (Dimensions as readonly unknown[]).some(
    (dimension) =>
      isMapping(dimension) &&
      dimension['Name'] === 'FunctionName' &&
      isMapping(dimension['Value']) &&
      dimension['Value']['Ref'] === id,
  );
  return (
    isOfFunction ||
    Object.values(resources).some(
      ({ Type, Properties: { LogGroupName, MetricTransformations } }) =>
        Type === 'AWS::Logs::MetricFilter' &&
        isMapping(LogGroupName) &&
        isLogOf(id, resources[String(LogGroupName['Ref'])]) &&
        (MetricTransformations as readonly unknown[]).some(
          (metric) => isMapping(metric) && metric['MetricName'] === MetricName,
        ),
    )
  );
}

/** The YAML that gives a function its alarm: of the preference and the alarm, what is missing or wrong. */
function remedyFor(name: string, id: string, resources: Resources): string {
  const alarm = alarmOf(id);
  const named = alarmsOf(id, resources);
  const preference = `make this the DeploymentPreference in its Properties\n${indent(yamlOfPreference(id), 6)}`;
  const resource = `add this under Resources\n${yamlOfAlarm(name, id)}`;
  return [
    ...(named.length === 1 && named[0] === alarm ? [] : [preference]),
    ...(watches(alarm, id, resources) ? [] : [resource]),
  ].join('\nand ');
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

/** Writes the whole resource of a new function with its log group and alarm, to paste into the template. */
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
    yamlOfAlarm(name, id),
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
  return ['DeploymentPreference:', '  Type: !Ref DeploymentType', `  Alarms: [!Ref ${alarmOf(id)}]`].join('\n');
}

function yamlOfLog(id: string): string {
  return [
    `  ${baseOf(id)}Log:`,
    '    Type: AWS::Logs::LogGroup',
    '    Properties:',
    `      LogGroupName: !Sub /aws/lambda/\${${id}}`,
    '      RetentionInDays: 30',
  ].join('\n');
}

function yamlOfAlarm(name: string, id: string): string {
  return [
    `  ${alarmOf(id)}:`,
    '    Type: AWS::CloudWatch::Alarm',
    '    Properties:',
    `      AlarmDescription: The ${name} function failed. A running deployment is rolled back.`,
    '      Namespace: AWS/Lambda',
    '      MetricName: Errors',
    '      Dimensions:',
    `        - { Name: FunctionName, Value: !Ref ${id} }`,
    '      Statistic: Sum',
    '      Period: 60',
    '      EvaluationPeriods: 1',
    '      Threshold: 5',
    '      ComparisonOperator: GreaterThanThreshold',
    '      TreatMissingData: notBreaching',
  ].join('\n');
}

function alarmOf(id: string): string {
  return `${baseOf(id)}Errors`;
}

function baseOf(id: string): string {
  return id.replace(/Function$/, '');
}

function indent(text: string, spaces: number): string {
  return text.replace(/^(?=.)/gm, ' '.repeat(spaces));
}
