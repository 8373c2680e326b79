import { Ajv2020, type Options } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import type { JSONSchema } from './json-schema.ts';
import type { Route, RuntimeRoute, Validators } from './route.ts';

/** The parts of a request that a contract may give a schema for; `item` is one of a list in the body. */
export type RequestPart = 'path' | 'query' | 'headers' | 'body' | 'item';

/** Parts that arrive as text, whatever type their schema names. */
export function isText(part: RequestPart): boolean {
  return part === 'path' || part === 'query' || part === 'headers';
}

/**
 * The compiler for one part of a request. Path, query and headers are text, so they are coerced to the type the schema names;
 * a body is JSON and has its types already. Every violation is listed, since a client mends them all at once.
 */
export function schemaCompiler(part: RequestPart, options: Options = {}): Ajv2020 {
  const ajv = new Ajv2020({
    strict: true,
    allErrors: true,
    useDefaults: true,
    coerceTypes: isText(part),
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
    ...(route.headers && { headers: textSchema(route.headers, []) }),
    ...(route.body !== undefined && bodySchemas(route.body, route.itemsOf)),
  };
}

/** The schema of a body; where its items are checked one by one, of the body with any items, and of an item. */
function bodySchemas(body: JSONSchema, itemsOf: string | undefined): Partial<Record<RequestPart, JSONSchema>> {
  if (itemsOf === undefined) return { body };
  const { properties = {}, ...rest } = body as { readonly properties?: Readonly<Record<string, JSONSchema>> };
  const { items, ...list } = (properties[itemsOf] ?? {}) as { readonly items?: JSONSchema };
  if (items === undefined)
    throw new Error(`itemsOf names ${itemsOf}, which is no list in the body with a schema of its items`);
  return { body: { ...rest, properties: { ...properties, [itemsOf]: list } } as JSONSchema, item: items };
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
    headerNames: Object.keys(route.headers ?? {}),
    contentType: route.produces ?? 'application/json',
    itemsOf: route.itemsOf ?? null,
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
