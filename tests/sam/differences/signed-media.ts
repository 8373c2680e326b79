/** The expiry of a link to media, in seconds since 1970, in a query or a policy. */
const EXPIRES = /(?<=[?&]Expires=)\d{10}\b/g;
const POLICY_TIME = /(?<="AWS:EpochTime":)\d{10}\b/g;

/** In a query or a cookie, in CloudFront's base64. */
const POLICY = /(?<=\bPolicy=|"CloudFront-Policy","value":")[\w~-]+/g;
const SIGNATURE = /(?<=\bSignature=|"CloudFront-Signature","value":")[\w~-]+/g;

/**
 * Replaces permissions to play media with their meaning: a policy without its time, and the length of a signature,
 * which always differs. Times before `since` stay.
 */
export function normalizeSignedMedia(text: string, since: Date): string {
  const later = (seconds: string) => (Number(seconds) * 1000 < since.getTime() ? seconds : '<later>');
  return text
    .replace(EXPIRES, later)
    .replace(POLICY, (policy) => `<policy ${decoded(policy).toString().replace(POLICY_TIME, later)}>`)
    .replace(SIGNATURE, (signature) => `<signature of ${decoded(signature).length} bytes>`);
}

/** "Create a signature for a signed URL that uses a custom policy": `+`, `=` and `/` have a meaning in a URL. */
function decoded(text: string): Buffer {
  const base64 = text.replaceAll('-', '+').replaceAll('_', '=').replaceAll('~', '/');
  return Buffer.from(base64, 'base64');
}
