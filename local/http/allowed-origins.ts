/**
 * Reads the web origins that may read local answers and media from the variable ALLOWED_ORIGINS. Empty if it is not
 * set.
 * @throws Error if one is not an origin as browsers send it, for example because of a trailing slash: it would allow
 * nobody.
 */
export function readAllowedOrigins(env: Readonly<Record<string, string | undefined>>): readonly string[] {
  const origins = (env['ALLOWED_ORIGINS'] ?? '').split(',').filter((origin) => origin !== '');
  const wrong = origins.find((origin) => !URL.canParse(origin) || new URL(origin).origin !== origin);
  if (wrong !== undefined) {
    throw new Error(`ALLOWED_ORIGINS must be origins such as http://localhost:5173, separated by commas, not ${wrong}`);
  }
  return origins;
}
