import { readFileSync } from 'node:fs';
import { readApi } from './api.ts';
import { readAuthorizer } from './authorizer.ts';
import { type Fields, fieldsOf, isMapping, TemplateError } from './fields.ts';
import { readFunction, readRoutes } from './function.ts';
import { resolveIntrinsics, type Scope } from './intrinsics.ts';
import type { ApiModel, FunctionModel, MethodSetting, RouteModel } from './model.ts';
import { type Parameter, parametersOf } from './parameters.ts';
import { parseTemplate } from './yaml.ts';

export interface TemplateOptions {
  /** Values that replace the defaults of the template's parameters. */
  readonly parameters?: Readonly<Record<string, string>>;
}

/**
 * Reads the API, its routes and their functions from a SAM template.
 *
 * A cached method counts as cached even if the stage has no cache cluster, so that caching is visible locally.
 * @throws TemplateError with the logical id of what cannot be read.
 */
export function readTemplate(file: string, options: TemplateOptions = {}): ApiModel {
  const template = readFields(file);
  const resources = resolveResources(template, options.parameters ?? {});

  const apis = resources.filter((resource) => resource.type === 'AWS::Serverless::Api');
  const [api] = apis;
  if (api === undefined || apis.length > 1)
    throw new TemplateError('Resources', 'there must be one AWS::Serverless::Api');
  const properties = readApi(api.properties);

  const functions: FunctionModel[] = [];
  const routes: RouteModel[] = [];
  for (const resource of resources.filter(({ type }) => type === 'AWS::Serverless::Function')) {
    const fn = readFunction(resource.logicalId, resource.properties);
    functions.push(fn);
    routes.push(...readRoutes(fn, resource.properties, api.logicalId, properties));
  }

  assertNamesDiffer(functions);
  assertRoutesDiffer(routes);
  assertSettingsApply(api.logicalId, properties.methodSettings, routes);
  const { defaultAuthorizer: _, ...model } = properties;
  const authorizers = properties.authorizers.map((authorizer) => readAuthorizer(authorizer, functions));
  return { ...model, authorizers, functions, routes };
}

/** Returns the parameters of a template, with these values instead of their defaults. */
export function readParameters(file: string, given: Readonly<Record<string, string>>): readonly Parameter[] {
  return parametersOf(readFields(file).value('Parameters'), given);
}

function readFields(file: string): Fields {
  return fieldsOf(parseTemplate(readFileSync(file, 'utf8')), 'the template');
}

interface Resource {
  readonly logicalId: string;
  readonly type: string;
  readonly properties: Fields;
}

/** Returns the resources of this deployment, with Globals merged in and intrinsic functions evaluated. */
function resolveResources(template: Fields, given: Readonly<Record<string, string>>): readonly Resource[] {
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

function assertNamesDiffer(functions: readonly FunctionModel[]): void {
  for (const fn of functions) {
    const other = functions.find(({ name, logicalId }) => name === fn.name && logicalId !== fn.logicalId);
    if (other !== undefined) throw new TemplateError(fn.logicalId, `has the same CodeUri as ${other.logicalId}`);
  }
}

function assertRoutesDiffer(routes: readonly RouteModel[]): void {
  const owners = new Map<string, string>();
  for (const { method, path, functionId } of routes) {
    const owner = owners.get(`${method} ${path}`);
    if (owner !== undefined) throw new TemplateError(functionId, `${method} ${path} is a route of ${owner} already`);
    owners.set(`${method} ${path}`, functionId);
  }
}

/** Refuses a setting for a path without a route: the path is misspelt, and the real one would stay uncached. */
function assertSettingsApply(apiId: string, settings: readonly MethodSetting[], routes: readonly RouteModel[]): void {
  for (const { method, path } of settings) {
    const applies = routes.some(
      (route) => (path === '*' || route.path === path) && (method === '*' || route.method === method),
    );
    if (!applies && path !== '*')
      throw new TemplateError(apiId, `MethodSettings names ${method} ${path}, which is no route`);
  }
}
