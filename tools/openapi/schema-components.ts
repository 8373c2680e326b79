/** The schemas of the document that have a name: those with a PascalCase `title`, wherever they stand. */
export class SchemaComponents {
  readonly #schemas = new Map<string, object>();

  /** The schema with every named schema in it replaced by a reference. */
  reference(schema: unknown): object {
    return this.#convert(schema) as object;
  }

  all(): Record<string, object> {
    return Object.fromEntries([...this.#schemas].sort(([a], [b]) => a.localeCompare(b)));
  }

  #convert(node: unknown): unknown {
    if (Array.isArray(node)) return node.map((item) => this.#convert(item));
    if (typeof node !== 'object' || node === null) return node;
    const converted = Object.fromEntries(
      Object.entries(node).map(([key, value]) => [key, key === 'examples' ? value : this.#convert(value)]),
    );
    const title: unknown = converted['title'];
    if (typeof title !== 'string' || !/^[A-Z][A-Za-z]+$/.test(title)) return converted;
    this.#schemas.set(title, converted);
    return { $ref: `#/components/schemas/${title}` };
  }
}
