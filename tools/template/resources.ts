import { readFileSync } from 'node:fs';
import { type Fields, fieldsOf, isMapping } from './fields.ts';
import { resolveIntrinsics, type Scope } from './intrinsics.ts';
import { parametersOf } from './parameters.ts';
import { parseTemplate } from './yaml.ts';

/** Reads a template as it is written. */
export function readFields(file: string): Fields {
  return fieldsOf(parseTemplate(readFileSync(file, 'utf8')), 'the template');
}

/** A resource as a deployment makes it. */
export interface Resource {
  readonly logicalId: string;
  readonly type: string;
  readonly properties: Fields;
}

/** Returns the resources of a deployment with these parameters, with Globals merged in and intrinsic functions evaluated. */
export function resolveResources(template: Fields, given: Readonly<Record<string, string>>): readonly Resource[] {
  const mapping = (name: string): Record<string, unknown> => {
    const fields = template.fields(name);
    return Object.fromEntries(fields.names.map((entry) => [entry, fields.value(entry)]));
  };
  const scope: Scope = {
    parameters: Object.fromEntries(
      parametersOf(template.value('Parameters'), given).map(({ name, value }) => [name, value]),
    ),
    conditions: mapping('Conditions'),
    mappings: mapping('Mappings'),
    resources: mapping('Resources'),
  };
  const globals = fieldsOf(resolveIntrinsics(mapping('Globals'), scope, 'Globals'), 'Globals');

  return Object.keys(scope.resources).flatMap((logicalId) => {
    const raw = fieldsOf(scope.resources[logicalId], logicalId);
    const condition = raw.optionalString('Condition');
    if (condition !== null && resolveIntrinsics({ Condition: condition }, scope, logicalId) !== true) return [];
    const type = raw.string('Type');
    const own = resolveIntrinsics(raw.value('Properties') ?? {}, scope, logicalId);
    const shared = type.startsWith('AWS::Serverless::')
      ? globals.value(type.replace('AWS::Serverless::', ''))
      : undefined;
    return [{ logicalId, type, properties: fieldsOf(mergeGlobals(shared, own), logicalId) }];
  });
}

/**
 * Merges a resource's properties over those of Globals as SAM does: mappings by key, lists one after the other,
 * anything else as in the resource ("Globals section of the AWS SAM template").
 */
function mergeGlobals(shared: unknown, own: unknown): unknown {
  if (own === undefined) return shared;
  if (Array.isArray(shared) && Array.isArray(own)) return [...shared, ...own];
  if (!isMapping(shared) || !isMapping(own)) return own;
  const names = new Set([...Object.keys(shared), ...Object.keys(own)]);
  return Object.fromEntries([...names].map((name) => [name, mergeGlobals(shared[name], own[name])]));
}
