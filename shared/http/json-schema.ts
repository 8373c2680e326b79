import type { FromSchema, JSONSchema } from 'json-schema-to-ts';

export type { JSONSchema };

/** The TypeScript type of the values that a schema written `as const` accepts. */
export type Static<S> = S extends JSONSchema ? FromSchema<S> : never;
