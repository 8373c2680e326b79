/** Thrown for a part of template.yaml that the local gateway cannot read. The message names it. */
export class TemplateError extends Error {
  override readonly name = 'TemplateError';

  constructor(where: string, fault: string) {
    super(`template.yaml: ${where}: ${fault}`);
  }
}

/** Reads the fields of a mapping in the template, and names the place of a wrong value. */
export interface Fields {
  readonly where: string;
  readonly names: readonly string[];
  has(name: string): boolean;
  value(name: string): unknown;
  string(name: string): string;
  optionalString(name: string): string | null;
  optionalNumber(name: string): number | null;
  optionalBoolean(name: string): boolean | null;
  list(name: string): readonly unknown[];
  strings(name: string): readonly string[];
  /** Returns the mapping in this field. Empty if the field is missing. */
  fields(name: string): Fields;
  /** Converts every value to text, since CloudFormation accepts numbers and booleans as strings. */
  texts(): Record<string, string>;
}

export function isMapping(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function fieldsOf(value: unknown, where: string): Fields {
  if (!isMapping(value)) throw new TemplateError(where, 'must be a mapping');
  const mapping = value;

  function fault(name: string, expected: string): TemplateError {
    return new TemplateError(where, `${name} must be ${expected}, not ${JSON.stringify(read(name))}`);
  }

  function read(name: string): unknown {
    return Object.hasOwn(mapping, name) ? mapping[name] : undefined;
  }

  function isMissing(name: string): boolean {
    return read(name) === undefined || read(name) === null;
  }

  function optionalString(name: string): string | null {
    if (isMissing(name)) return null;
    const text = scalarText(read(name));
    if (text === null) throw fault(name, 'text');
    return text;
  }

  function list(name: string): readonly unknown[] {
    const found = isMissing(name) ? [] : read(name);
    if (!Array.isArray(found)) throw fault(name, 'a list');
    return found;
  }

  return {
    where,
    names: Object.keys(mapping),
    has: (name) => !isMissing(name),
    value: read,
    optionalString,
    list,
    string(name) {
      const text = optionalString(name);
      if (text === null) throw new TemplateError(where, `${name} is missing`);
      return text;
    },
    optionalNumber(name) {
      const text = optionalString(name);
      if (text === null) return null;
      const number = Number(text);
      if (text.trim() === '' || !Number.isFinite(number)) throw fault(name, 'a number');
      return number;
    },
    optionalBoolean(name) {
      const text = optionalString(name);
      if (text === null) return null;
      if (text !== 'true' && text !== 'false') throw fault(name, 'true or false');
      return text === 'true';
    },
    strings(name) {
      return list(name).map((entry) => {
        if (typeof entry !== 'string') throw fault(name, 'a list of texts');
        return entry;
      });
    },
    fields(name) {
      return fieldsOf(isMissing(name) ? {} : read(name), `${where}: ${name}`);
    },
    texts() {
      return Object.fromEntries(
        Object.keys(mapping).flatMap((name) => {
          const text = optionalString(name);
          return text === null ? [] : [[name, text]];
        }),
      );
    },
  };
}

function scalarText(value: unknown): string | null {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  return null;
}
