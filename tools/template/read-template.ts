import { readApi } from './api.ts';
import { readAuthorizer } from './authorizer.ts';
import { TemplateError } from './fields.ts';
import { readFunction, readRoutes } from './function.ts';
import type { ApiModel, FunctionModel, MethodSetting, RouteModel } from './model.ts';
import { type Parameter, parametersOf } from './parameters.ts';
import { readFields, resolveResources } from './resources.ts';

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
  const resources = resolveResources(readFields(file), options.parameters ?? {});

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
