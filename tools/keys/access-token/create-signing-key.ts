import { createHash, generateKeyPairSync } from 'node:crypto';

/**
 * Creates a key pair for access tokens in the form of the functions' settings: a private JSON Web Key and a public key
 * set.
 */
export function createSigningKey(): { readonly privateKey: string; readonly publicKeys: string } {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const { kty, crv, x, y } = publicKey.export({ format: 'jwk' });
  // The thumbprint of RFC 7638 section 3: these members in this order.
  const kid = createHash('sha256').update(JSON.stringify({ crv, kty, x, y })).digest('base64url');
  return {
    privateKey: JSON.stringify({ ...privateKey.export({ format: 'jwk' }), kid }),
    publicKeys: JSON.stringify({ keys: [{ kty, crv, x, y, kid, use: 'sig', alg: 'ES256' }] }),
  };
}
