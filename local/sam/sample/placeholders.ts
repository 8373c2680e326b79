/** Values by placeholder, such as `access token`. */
export type PlaceholderValues = Readonly<Record<string, string>>;

const PLACEHOLDER = /<([a-z]+(?: [a-z]+)*)>/g;

/**
 * Replaces placeholders such as `<access token>` with known values. Unknown placeholders stay, and functions refuse
 * them like any invalid token. Values must not need escaping in JSON.
 */
export function fillPlaceholders(text: string, values: PlaceholderValues): string {
  return text.replace(PLACEHOLDER, (whole, name: string) =>
    Object.hasOwn(values, name) ? (values[name] ?? '') : whole,
  );
}

export function placeholdersIn(text: string): readonly string[] {
  return [...new Set(Array.from(text.matchAll(PLACEHOLDER), ([, name = '']) => name))];
}
