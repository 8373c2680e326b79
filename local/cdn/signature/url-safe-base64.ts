/**
 * Decodes CloudFront's base64, which has `-`, `_` and `~` in place of characters with a meaning in query strings
 * (Amazon CloudFront Developer Guide, "Create a signed URL using a custom policy"). Null for text that no encoder
 * produces, so that a signature has one spelling.
 */
export function decodeUrlSafeBase64(text: string): Buffer | null {
  const bytes = Buffer.from(
    text.replace(/[-_~]/g, (character) => STANDARD[character] ?? ''),
    'base64',
  );
  return text !== '' && encodeUrlSafeBase64(bytes) === text ? bytes : null;
}

const STANDARD: Readonly<Record<string, string>> = { '-': '+', _: '=', '~': '/' };
const URL_SAFE: Readonly<Record<string, string>> = { '+': '-', '=': '_', '/': '~' };

function encodeUrlSafeBase64(bytes: Buffer): string {
  return bytes.toString('base64').replace(/[+=/]/g, (character) => URL_SAFE[character] ?? '');
}
