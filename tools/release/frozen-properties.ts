import { type Fields, isMapping, TemplateError } from '../template/fields.ts';
import { parametersOf } from '../template/parameters.ts';
import { type Resource, resolveResources } from '../template/resources.ts';
import { referencesIn } from './references.ts';

/** A function with everything but its code that a version of it freezes. */
export interface FrozenFunction {
  readonly logicalId: string;
  /** The folder of its bundle, relative to the project. */
  readonly codeUri: string;
  readonly frozen: Readonly<Record<string, unknown>>;
}

/**
 * Properties of AWS::Serverless::Function that belong to the function, its role, its alias or its callers, and apply
 * without a new version ("Lambda function versions" lists what a version includes). All others count as frozen, so that
 * a property that is new here makes a version too many rather than none.
 */
const NOT_FROZEN: ReadonlySet<string> = new Set([
  'AssumeRolePolicyDocument',
  'AutoPublishAlias',
  'AutoPublishAliasAllProperties',
  'AutoPublishCodeSha256',
  'CodeSigningConfigArn',
  'CodeUri',
  'DeploymentPreference',
  'Description',
  'EventInvokeConfig',
  'Events',
  'FunctionUrlConfig',
  'PermissionsBoundary',
  'Policies',
  'PropagateTags',
  'ProvisionedConcurrencyConfig',
  'RecursiveLoop',
  'ReservedConcurrentExecutions',
  'RolePath',
  'Tags',
  'VersionDeletionPolicy',
  'VersionDescription',
]);

const FUNCTION = 'AWS::Serverless::Function';

/**
 * Returns the functions of a template with what their versions freeze, for these parameters.
 *
 * What only AWS knows, such as an ARN, counts by the resource that it belongs to and by the names that parameters give
 * that resource.
 * @throws TemplateError if a function depends on a value that CloudFormation reads from Parameter Store: a release
 * cannot know it.
 */
export function frozenFunctions(template: Fields, given: Readonly<Record<string, string>>): readonly FrozenFunction[] {
  const resources = resolveResources(template, given);
  const stored = parametersOf(template.value('Parameters'), given).filter(({ type }) => type.startsWith('AWS::SSM::'));
  return resources
    .filter(({ type }) => type === FUNCTION)
    .map(({ logicalId, properties }) => {
      const references = referencesIn(writtenProperties(template, logicalId), template);
      const unknown = stored.find(({ name }) => references.has(name));
      if (unknown !== undefined) {
        throw new TemplateError(
          logicalId,
          `depends on the value of ${unknown.name}, which only CloudFormation reads: read the SSM parameter at run time`,
        );
      }
      return {
        logicalId,
        codeUri: properties.string('CodeUri'),
        frozen: { ...frozenPartOf(properties), names: namesOf(resources, references) },
      };
    });
}

function frozenPartOf(properties: Fields): Readonly<Record<string, unknown>> {
  const names = properties.names.filter((name) => !NOT_FROZEN.has(name));
  return Object.fromEntries(names.map((name) => [name, properties.value(name)]));
}

/** The frozen properties of a function as they are written, with those of all functions. */
function writtenProperties(template: Fields, logicalId: string): unknown {
  const own = template.fields('Resources').fields(logicalId).fields('Properties');
  const shared = template.fields('Globals').fields('Function');
  return [frozenPartOf(shared), frozenPartOf(own)];
}

/** The names that the template gives to resources. With another name, a resource is replaced, and so are its values. */
function namesOf(resources: readonly Resource[], references: ReadonlySet<string>): unknown {
  const referred = resources.filter(({ logicalId }) => references.has(logicalId));
  return referred.map(({ logicalId, properties }) => {
    const given = properties.names.filter((name) => name.endsWith('Name') && !isMapping(properties.value(name)));
    return [logicalId, ...given.map((name) => properties.value(name))];
  });
}
