export interface Parameters {
  readonly path?: Readonly<Record<string, unknown>>;
  readonly query?: Readonly<Record<string, unknown>>;
}

/**
 * Returns the path with its parameters filled in, and the query.
 * @throws TypeError if a path parameter is missing, or would lead to another route, as `..` does
 */
export function addressOf(path: string, { path: values = {}, query = {} }: Parameters): string {
  const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = String(values[name] ?? '');
    if (/^\.{0,2}$/.test(value)) throw new TypeError(`${name} must not be "${value}"`);
    return encodeURIComponent(value);
  });
  const pairs = Object.entries(query)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}=${encodeURIComponent(String(value))}`);
  return filled + (pairs.length > 0 ? `?${pairs.join('&')}` : '');
}
