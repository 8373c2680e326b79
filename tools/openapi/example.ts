interface SchemaNode {
  readonly examples?: readonly unknown[];
  readonly default?: unknown;
  readonly enum?: readonly unknown[];
  readonly type?: string | readonly string[];
  readonly properties?: Readonly<Record<string, unknown>>;
  readonly items?: unknown;
}

/**
 * Returns a value that the schema accepts: its own first example, or one composed of the examples of its parts.
 * @param place where the schema is, such as `functions/courses/contract.ts: the body of GET /courses`
 * @throws Error that names the place, if a part has neither an example nor anything to make one of.
 */
export function exampleOf(schema: unknown, place: string): unknown {
  const node = schema as SchemaNode;
  if (node.examples !== undefined) return node.examples[0];
  if (node.default !== undefined) return node.default;
  if (node.enum !== undefined) return node.enum[0];
  if (Array.isArray(node.type) && node.type.includes('null')) return null;
  if (node.properties !== undefined) {
    return Object.fromEntries(
      Object.entries(node.properties).map(([name, property]) => [name, exampleOf(property, `${place}, ${name}`)]),
    );
  }
  if (node.items !== undefined) return [exampleOf(node.items, `${place}, an item`)];
  throw new Error(`${place}: add \`examples\` to this schema: ${JSON.stringify(schema)}`);
}
