import { createHmac } from 'node:crypto';

/** Shortest accepted key, in characters: 32 of base64 are 192 bits. */
const MIN_KEY_LENGTH = 32;

/**
 * Returns the HMAC-SHA-256 (RFC 2104) of texts that contain no NUL, which separates them.
 * @param purpose names the key in the error, such as `refresh`
 * @throws Error if the key is too short. The message does not quote it.
 */
export function keyedMac(key: string, purpose: string, texts: readonly string[]): Buffer {
  if (key.length < MIN_KEY_LENGTH) throw new Error(`The ${purpose} key is shorter than ${MIN_KEY_LENGTH} characters`);
  return createHmac('sha256', key).update(texts.join('\0')).digest();
}
