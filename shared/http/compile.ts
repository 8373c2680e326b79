import { Ajv2020, type Options } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import type { JSONSchema } from './json-schema.ts';
import type { Route, RuntimeRoute, Validators } from './route.ts';

/** The parts of a request that a contract may give a schema for. */
export type RequestPart = 'path' | 'query' | 'body';

/**
 * The compiler for one part of a request. Path and query are text, so they are coerced to the type the schema names;
 * a body is JSON and has its types already. Every violation is listed, since a client mends them all at once.
 */
export function schemaCompiler(part: RequestPart, options: Options = {}): Ajv2020 {
  const ajv = new Ajv2020({
    strict: true,
    allErrors: true,
    useDefaults: true,
    coerceTypes: part !== 'body',
    ...options,
  });
  addFormats.default(ajv, { mode: 'full', formats: ['date-time', 'email', 'uri', 'uuid'] });
  return ajv;
}

/** The JSON Schema of each part of a route's request that has one. Properties that are not declared are refused. */
export function requestSchemas(route: Route): Partial<Record<RequestPart, JSONSchema>> {
  return {
    ...(route.path && { path: textSchema(route.path, Object.keys(route.path)) }),
    query: textSchema(route.query ?? {}, []),
    ...(route.body !== undefined && { body: route.body }),
  };
}

function textSchema(properties: Readonly<Record<string, JSONSchema>>, required: readonly string[]): JSONSchema {
  return { type: 'object', properties, required, additionalProperties: false };
}

/** What a route comes to at run time, without its validators: plain data. */
export function runtimeRoute(route: Route): RuntimeRoute {
  return {
    auth: route.auth,
    cacheSeconds: route.cache?.ttlSeconds ?? null,
    status: Number(Object.keys(route.responses)[0]),
    queryNames: Object.keys(route.query ?? {}),
  };
}

/** The checks of a route, compiled now. */
export function validatorsOf(route: Route): Validators {
  return Object.fromEntries(
    Object.entries(requestSchemas(route)).map(([part, schema]) => [
      part,
      schemaCompiler(part as RequestPart).compile(schema as object),
    ]),
  );
}
