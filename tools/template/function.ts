import type { ApiProperties } from './api.ts';
import { type Fields, fieldsOf, isMapping, TemplateError } from './fields.ts';
import type { FunctionModel, MethodSetting, RequestParameter, RouteModel } from './model.ts';

/**
 * The default and maximum time that API Gateway waits for an integration ("Quotas for configuring and running a REST
 * API").
 */
const INTEGRATION_TIMEOUT_MILLISECONDS = 29_000;

const METHODS = new Set(['ANY', 'DELETE', 'GET', 'HEAD', 'OPTIONS', 'PATCH', 'POST', 'PUT']);

/** An AWS::Serverless::Function, without its events. */
export function readFunction(logicalId: string, properties: Fields): FunctionModel {
  const handler = properties.string('Handler');
  if (handler !== 'index.handler') throw new TemplateError(logicalId, `Handler must be index.handler, not ${handler}`);
  const name = properties
    .string('CodeUri')
    .split('/')
    .findLast((folder) => folder !== '');
  if (name === undefined) throw new TemplateError(logicalId, 'CodeUri names no folder');
  return {
    logicalId,
    name,
    timeoutSeconds: properties.optionalNumber('Timeout') ?? 3,
    memoryMegabytes: properties.optionalNumber('MemorySize') ?? 128,
    environment: properties.fields('Environment').fields('Variables').texts(),
  };
}

/** The routes among a function's events. The gateway ignores events of other services. */
export function readRoutes(
  fn: FunctionModel,
  properties: Fields,
  apiId: string,
  api: ApiProperties,
): readonly RouteModel[] {
  const events = properties.fields('Events');
  return events.names.flatMap((eventName) => {
    const event = events.fields(eventName);
    const type = event.string('Type');
    if (type === 'HttpApi') throw new TemplateError(event.where, 'HttpApi events are not emulated, only Api');
    return type === 'Api' ? [readRoute(fn, eventName, event.fields('Properties'), apiId, api)] : [];
  });
}

function readRoute(
  fn: FunctionModel,
  eventName: string,
  properties: Fields,
  apiId: string,
  api: ApiProperties,
): RouteModel {
  if (properties.optionalString('RestApiId') !== apiId) {
    throw new TemplateError(properties.where, `RestApiId must refer to ${apiId}`);
  }
  const method = properties.string('Method').toUpperCase();
  if (!METHODS.has(method)) throw new TemplateError(properties.where, `${method} is not a method of API Gateway`);
  const path = properties.string('Path');
  if (!path.startsWith('/')) throw new TemplateError(properties.where, `the path ${path} must begin with a slash`);
  return {
    functionId: fn.logicalId,
    functionName: fn.name,
    eventName,
    method,
    path,
    requestParameters: properties.list('RequestParameters').flatMap((entry) => readParameters(entry, properties.where)),
    cache: cacheOf(api.methodSettings, method, path),
    authorizer: readAuthorizerName(properties.fields('Auth'), api),
    integrationTimeoutMilliseconds: properties.optionalNumber('TimeoutInMillis') ?? INTEGRATION_TIMEOUT_MILLISECONDS,
  };
}

function readParameters(entry: unknown, where: string): readonly RequestParameter[] {
  if (typeof entry === 'string') return [{ ...parseParameter(entry, where), required: false, cacheKey: false }];
  if (!isMapping(entry)) throw new TemplateError(where, 'RequestParameters takes names and mappings');
  return Object.keys(entry).map((expression) => {
    const settings = fieldsOf(entry[expression], `${where}: ${expression}`);
    return {
      ...parseParameter(expression, where),
      required: settings.optionalBoolean('Required') ?? false,
      cacheKey: settings.optionalBoolean('Caching') ?? false,
    };
  });
}

function parseParameter(expression: string, where: string): Pick<RequestParameter, 'in' | 'name'> {
  const [, place, name] = /^method\.request\.(path|querystring|header)\.(.+)$/.exec(expression) ?? [];
  if ((place !== 'path' && place !== 'querystring' && place !== 'header') || name === undefined) {
    throw new TemplateError(where, `${expression} is not a parameter of a request`);
  }
  return { in: place, name };
}

/** Anything unknown about access is an error, so that no route is more open locally than deployed. */
function readAuthorizerName(auth: Fields, api: ApiProperties): string | null {
  const other = auth.names.find((name) => name !== 'Authorizer');
  if (other !== undefined) throw new TemplateError(auth.where, `${other} is not emulated`);
  const name = auth.optionalString('Authorizer') ?? api.defaultAuthorizer;
  if (name === null || name === 'NONE') return null;
  if (!api.authorizers.some((authorizer) => authorizer.name === name)) {
    throw new TemplateError(auth.where, `there is no authorizer ${name}`);
  }
  return name;
}

/** How long an answer is cached by default ("Cache settings for REST APIs in API Gateway"). */
const DEFAULT_TTL_SECONDS = 300;

/** Returns whether and how long a method is cached. Only GET is, and a TTL of 0 disables it. */
function cacheOf(
  settings: readonly MethodSetting[],
  method: string,
  path: string,
): { readonly ttlSeconds: number } | null {
  if (method !== 'GET') return null;
  // The most specific entry that sets a value wins.
  const applying = [
    [method, path],
    ['*', path],
    [method, '*'],
    ['*', '*'],
  ].flatMap(([forMethod, forPath]) =>
    settings.filter((setting) => setting.method === forMethod && setting.path === forPath),
  );
  const isEnabled = applying.find((setting) => setting.cachingEnabled !== null)?.cachingEnabled ?? false;
  const ttlSeconds =
    applying.find((setting) => setting.cacheTtlSeconds !== null)?.cacheTtlSeconds ?? DEFAULT_TTL_SECONDS;
  return isEnabled && ttlSeconds > 0 ? { ttlSeconds } : null;
}
