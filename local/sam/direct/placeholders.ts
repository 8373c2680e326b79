/** Values by placeholder, such as `access token`. */
export type Values = Readonly<Record<string, string>>;

const PLACEHOLDER = /<([a-z]+(?: [a-z]+)*)>/g;

/**
 * Replaces placeholders such as `<access token>` by known values. Unknown ones stay, and functions refuse them like any
 * made-up token. Only values that need no escaping in JSON can be used.
 */
export function fillPlaceholders(text: string, values: Values): string {
  return text.replace(PLACEHOLDER, (whole, name: string) =>
    Object.hasOwn(values, name) ? (values[name] ?? '') : whole,
  );
}

export function placeholdersIn(text: string): readonly string[] {
  return [...new Set(Array.from(text.matchAll(PLACEHOLDER), ([, name = '']) => name))];
}
