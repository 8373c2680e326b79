import type { JSONSchema } from '../http/json-schema.ts';

/**
 * Builds the schema of an object that has exactly these properties.
 * @param keywords further keywords of the schema, such as `title`, and `optional`: the properties that may be missing.
 * All others are required.
 */
export function closedObject<
  const Properties extends Readonly<Record<string, JSONSchema>>,
  const Optional extends keyof Properties & string = never,
  const Keywords extends object = object,
>(properties: Properties, keywords?: { readonly optional?: readonly Optional[] } & Keywords) {
  const { optional = [], ...rest } = keywords ?? {};
  const required = Object.keys(properties).filter((name) => !(optional as readonly string[]).includes(name));
  return {
    ...(rest as Omit<Keywords, 'optional'>),
    type: 'object',
    properties,
    // The filter above is what makes this type true.
    required: required as unknown as readonly Exclude<keyof Properties & string, Optional>[],
    additionalProperties: false,
  } as const;
}
