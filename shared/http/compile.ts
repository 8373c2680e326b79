import { Ajv2020, type Options } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import type { JSONSchema } from './json-schema.ts';
import type { Route, RuntimeRoute, Validators } from './route.ts';

/** The parts of a request that a contract may give a schema. `item` is an item of a list in the body. */
export type RequestPart = 'path' | 'query' | 'headers' | 'body' | 'item';

/**
 * A UUID (JSON Schema validation section 7.3.5, RFC 9562 section 4). The format of ajv-formats also accepts `urn:uuid:`
 * before it, and then one event or device could have two ids.
 */
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** Tells whether a part arrives as text, whatever type its schema names. */
export function isText(part: RequestPart): boolean {
  return part === 'path' || part === 'query' || part === 'headers';
}

/**
 * Creates the compiler for one part of a request. Path, query and headers are text, so values are coerced to the
 * schema's type; a JSON body has types already. All violations are reported, because a client fixes them together.
 */
export function schemaCompiler(part: RequestPart, options: Options = {}): Ajv2020 {
  const ajv = new Ajv2020({
    strict: true,
    allErrors: true,
    useDefaults: true,
    coerceTypes: isText(part),
    ...options,
  });
  addFormats.default(ajv, { mode: 'full', formats: ['date', 'date-time', 'email', 'int64', 'uri'] });
  ajv.addFormat('uuid', UUID);
  return ajv;
}

/** Returns the JSON Schema of each part of a route's request. Undeclared properties are refused. */
export function requestSchemas(route: Route): Partial<Record<RequestPart, JSONSchema>> {
  return {
    ...(route.path && { path: textSchema(route.path, Object.keys(route.path)) }),
    query: textSchema(route.query ?? {}, []),
    ...(route.headers && { headers: textSchema(route.headers, []) }),
    ...(route.body !== undefined && bodySchemas(route.body, route.itemsOf)),
  };
}

/**
 * Returns the schema of the body. If its items are validated one by one, returns one for the body with any items and
 * one for an item.
 */
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

/** Returns what a route needs at run time besides its validators, as plain data. */
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

/** Compiles the validators of a route now. */
export function validatorsOf(route: Route): Validators {
  return Object.fromEntries(
    Object.entries(requestSchemas(route)).map(([part, schema]) => [
      part,
      schemaCompiler(part as RequestPart).compile(schema as object),
    ]),
  );
}
