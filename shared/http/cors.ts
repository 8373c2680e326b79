/** Returns the headers that let web apps of an origin read an uncached answer. It varies by the origin. */
export function readableBy(origin: string): Readonly<Record<string, string>> {
  return {
    'Access-Control-Allow-Origin': origin,
    'Access-Control-Expose-Headers': 'X-Request-Id, Retry-After, Date',
    Vary: 'Origin',
  };
}
