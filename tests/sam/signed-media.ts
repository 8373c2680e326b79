/** When a link to media ends, in seconds since 1970: in a query, and in a policy. */
const EXPIRES = /(?<=[?&]Expires=)\d{10}\b/g;
const POLICY_TIME = /(?<="AWS:EpochTime":)\d{10}\b/g;

/** In a query or as a cookie, in the letters that CloudFront has for base64. */
const POLICY = /(?<=\bPolicy=|"CloudFront-Policy","value":")[\w~-]+/g;
const SIGNATURE = /(?<=\bSignature=|"CloudFront-Signature","value":")[\w~-]+/g;

/**
 * The text with its leave to play media as what it says: of a policy all but the time, and of a signature, which is
 * another with each time, how long it is. Times before `since` stay as they are.
 */
export function withSignaturesRead(text: string, since: Date): string {
  const later = (seconds: string) => (Number(seconds) * 1000 < since.getTime() ? seconds : '<later>');
  return text
    .replace(EXPIRES, later)
    .replace(POLICY, (policy) => `<policy ${decoded(policy).toString().replace(POLICY_TIME, later)}>`)
    .replace(SIGNATURE, (signature) => `<signature of ${decoded(signature).length} bytes>`);
}

/** "Create a signature for a signed URL that uses a custom policy": `+`, `=` and `/` would mean something in a URL. */
function decoded(text: string): Buffer {
  const base64 = text.replaceAll('-', '+').replaceAll('_', '=').replaceAll('~', '/');
  return Buffer.from(base64, 'base64');
}
