import type { JSONSchema } from '../http/json-schema.ts';

/**
 * Builds the schema of a named object or null. Not with `type: ['object', 'null']`: generators of Kotlin and Swift then
 * declare a value that is never null.
 * @param schema has a `title`
 */
export function nullable<const Schema extends JSONSchema>(schema: Schema, description: string) {
  return { anyOf: [schema, { type: 'null' }], description } as const;
}
