/** Values by the name that stands for them, such as `access token`. */
export type Values = Readonly<Record<string, string>>;

const PLACEHOLDER = /<([a-z]+(?: [a-z]+)*)>/g;

/**
 * The text with `<access token>` and the like replaced by what is known. What is not known stays: a function refuses it,
 * as it refuses every made-up token. In JSON only values that need no escaping may take the place of one.
 */
export function fillPlaceholders(text: string, values: Values): string {
  return text.replace(PLACEHOLDER, (whole, name: string) =>
    Object.hasOwn(values, name) ? (values[name] ?? '') : whole,
  );
}

export function placeholdersIn(text: string): readonly string[] {
  return [...new Set(Array.from(text.matchAll(PLACEHOLDER), ([, name = '']) => name))];
}
