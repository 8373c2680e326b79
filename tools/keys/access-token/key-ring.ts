import { createPublicKey, type KeyObject } from 'node:crypto';
import { parseSigningKey } from '../../../functions/auth/token/access-token-key.ts';
import { type PublicKeys, parsePublicKeys } from '../../../shared/auth/key-set.ts';
import type { StoredSecret } from '../rotation/secret-store.ts';

/** The secret with the key that signs access tokens. Functions read it and {@link PUBLIC_KEYS}. */
export const SIGNING_KEY = 'ACCESS_TOKEN_PRIVATE_KEY';

/** The secret with the keys that verify access tokens. */
export const PUBLIC_KEYS = 'ACCESS_TOKEN_PUBLIC_KEYS';

/** The private half of a key that is published but does not sign yet. No function may read it. */
export const NEXT_KEY = 'ACCESS_TOKEN_NEXT_PRIVATE_KEY';

/** A private key, with its text as a JSON Web Key. */
export interface PrivateKey {
  readonly kid: string;
  readonly publicKey: KeyObject;
  readonly text: string;
}

/** All access-token keys in one place. */
export interface KeyRing {
  readonly signing: { readonly key: PrivateKey; readonly since: Date } | null;
  readonly next: PrivateKey | null;
  readonly published: { readonly keys: PublicKeys; readonly since: Date } | null;
}

/**
 * Parses what is stored.
 * @throws Error that quotes no key, if this command did not write it.
 */
export function readKeyRing(stored: ReadonlyMap<string, StoredSecret>): KeyRing {
  const signing = stored.get(SIGNING_KEY);
  const next = stored.get(NEXT_KEY);
  const published = stored.get(PUBLIC_KEYS);
  return {
    signing: signing ? { key: readPrivateKey(signing.value), since: signing.changedAt } : null,
    next: next ? readPrivateKey(next.value) : null,
    published: published ? { keys: parsePublicKeys(published.value), since: published.changedAt } : null,
  };
}

export function readPrivateKey(text: string): PrivateKey {
  const { kid, key } = parseSigningKey(text);
  // Derived here, so that code that publishes it never has the private half.
  return { kid, publicKey: createPublicKey(key), text };
}

/** The JSON Web Key Set (RFC 7517 section 5) that functions read. */
export function writeKeySet(keys: PublicKeys): string {
  return JSON.stringify({
    keys: [...keys].map(([kid, key]) => ({ ...key.export({ format: 'jwk' }), kid, use: 'sig', alg: 'ES256' })),
  });
}

/** Published keys that neither sign nor will. Their tokens may still be in use. */
export function oldKeyIds({ signing, next, published }: KeyRing): readonly string[] {
  return [...(published?.keys.keys() ?? [])].filter((kid) => kid !== signing?.key.kid && kid !== next?.kid);
}
