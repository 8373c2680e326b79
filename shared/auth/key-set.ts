import { createPublicKey, type KeyObject } from 'node:crypto';

/** Public keys by key id. A Map, so that an id such as `__proto__` finds nothing. */
export type PublicKeys = ReadonlyMap<string, KeyObject>;

const KEY_ID = /^[\w-]{1,64}$/;

/** A coordinate of a P-256 point (RFC 7518 section 6.2.1.2), as 43 characters of base64url. */
const COORDINATE = /^[\w-]{42}[AEIMQUYcgkosw048]$/;

/** Tells whether a value has the form of our key ids, which fits a JWK thumbprint (RFC 7638). */
export function isKeyId(value: unknown): value is string {
  return typeof value === 'string' && KEY_ID.test(value);
}

/**
 * Parses a JSON Web Key Set (RFC 7517 section 5) of P-256 public keys for signatures, each with its own id.
 * @throws Error if it is anything else. The message says what is wrong and quotes nothing of the set. A private key is
 * an error too: it has leaked to a place for public keys, which must not go unnoticed.
 */
export function parsePublicKeys(json: string): PublicKeys {
  const keys = keysOf(json).map(parsePublicKey);
  const byId = new Map(keys);
  if (byId.size === 0) throw new Error('The key set has no key');
  if (byId.size < keys.length) throw new Error('The key set has two keys with the same kid');
  return byId;
}

function keysOf(json: string): readonly unknown[] {
  const set = parseJson(json);
  if (!isObject(set) || !Array.isArray(set['keys'])) throw new Error('The key set has no array `keys`');
  return set['keys'];
}

function parsePublicKey(jwk: unknown): readonly [kid: string, key: KeyObject] {
  if (!isObject(jwk)) throw new Error('A key of the key set is not an object');
  const { kty, crv, x, y, kid, use, alg = 'ES256' } = jwk;
  if ('d' in jwk) throw new Error('A key of the key set is private: replace that key pair, it has leaked');
  if (!isKeyId(kid)) throw new Error('A key of the key set has no kid of 1 to 64 letters, digits, _ and -');
  if (kty !== 'EC' || crv !== 'P-256' || use !== 'sig' || alg !== 'ES256' || !isCoordinate(x) || !isCoordinate(y)) {
    throw new Error(`The key ${kid} is not a P-256 key for signatures (kty EC, crv P-256, use sig)`);
  }
  // Refuses a point that is not on the curve.
  return [kid, createPublicKey({ key: { kty, crv, x, y }, format: 'jwk' })];
}

function isCoordinate(value: unknown): value is string {
  return typeof value === 'string' && COORDINATE.test(value);
}

function parseJson(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    // No cause: its message would quote the text.
    throw new Error('The key set is not JSON');
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
