type Kind = 'schemas' | 'responses' | 'parameters' | 'examples';

/** The parts of the document that operations share. Each is stored once, under `components`, and referred to. */
export class Components {
  readonly #parts: Readonly<Record<Kind, Map<string, object>>> = {
    schemas: new Map(),
    responses: new Map(),
    parameters: new Map(),
    examples: new Map(),
  };

  /** Returns the schema with a reference in place of each named one: those with a PascalCase `title`, at any depth. */
  schema(schema: unknown): object {
    return this.#withoutNamed(schema) as object;
  }

  /**
   * Stores a part and returns a reference to it.
   * @throws Error if another part has the same name.
   */
  share(kind: Kind, name: string, part: object): object {
    const parts = this.#parts[kind];
    const stored = parts.get(name);
    if (stored !== undefined && JSON.stringify(stored) !== JSON.stringify(part)) {
      throw new Error(`Two different ${kind} of the API document are named ${name}: give one of them another name`);
    }
    parts.set(name, part);
    return { $ref: `#/components/${kind}/${name}` };
  }

  /** Returns every stored part by kind, sorted by name. */
  all(): Partial<Record<Kind, Record<string, object>>> {
    return Object.fromEntries(
      Object.entries(this.#parts)
        .filter(([, parts]) => parts.size > 0)
        .map(([kind, parts]) => [kind, Object.fromEntries([...parts].sort(([a], [b]) => a.localeCompare(b)))]),
    );
  }

  #withoutNamed(node: unknown): unknown {
    if (Array.isArray(node)) return node.map((item) => this.#withoutNamed(item));
    if (typeof node !== 'object' || node === null) return node;
    const converted = Object.fromEntries(
      Object.entries(node).map(([key, value]) => [key, key === 'examples' ? value : this.#withoutNamed(value)]),
    );
    const schema = withoutAlternatives(converted);
    const title: unknown = schema['title'];
    if (typeof title !== 'string' || !/^[A-Z][A-Za-z]+$/.test(title)) return schema;
    return this.share('schemas', title, schema);
  }
}

/**
 * Leaves out an `anyOf` that only says which of the schema's own properties must be there; the description says it.
 * Generators of Kotlin take the properties of the alternatives for all that there are.
 */
function withoutAlternatives(schema: Record<string, unknown>): Record<string, unknown> {
  const { anyOf, ...rest } = schema;
  return anyOf !== undefined && rest['properties'] !== undefined ? rest : schema;
}
