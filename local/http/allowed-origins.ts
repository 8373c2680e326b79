/**
 * The web origins that may read this machine's answers and media, from the variable ALLOWED_ORIGINS; none where it is unset.
 * @throws where one is no origin as a browser sends it, such as an address with a slash at its end: it would allow nobody.
 */
export function readAllowedOrigins(env: Readonly<Record<string, string | undefined>>): readonly string[] {
  const origins = (env['ALLOWED_ORIGINS'] ?? '').split(',').filter((origin) => origin !== '');
  const wrong = origins.find((origin) => !URL.canParse(origin) || new URL(origin).origin !== origin);
  if (wrong !== undefined) {
    throw new Error(`ALLOWED_ORIGINS must be origins such as http://localhost:5173, separated by commas, not ${wrong}`);
  }
  return origins;
}
