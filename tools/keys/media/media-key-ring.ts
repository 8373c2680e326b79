import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { parseObject } from '../../platform/json.ts';
import type { StoredSecret } from '../rotation/secret-store.ts';
import { NO_KEY, PUBLIC_KEY_IN, SLOTS, type Slot } from './media-keys.ts';

/** The secret with the key that signs media grants, and the slot of its public half. Functions that sign read it. */
export const MEDIA_SIGNING_KEY = 'MEDIA_SIGNING_KEY';

/** The private half of a key that is published but does not sign yet. No function may read it. */
export const NEXT_MEDIA_KEY = 'MEDIA_NEXT_SIGNING_KEY';

/** The ids of the keys that CloudFront accepts, by slot. The last deployment wrote them. */
export const DEPLOYED_IDS = 'MEDIA_KEY_PAIR_IDS';

/** The secrets of a {@link MediaKeyRing}. */
export const MEDIA_KEY_RING_SECRETS = [
  MEDIA_SIGNING_KEY,
  NEXT_MEDIA_KEY,
  PUBLIC_KEY_IN.a,
  PUBLIC_KEY_IN.b,
  DEPLOYED_IDS,
] as const;

/** A private media key, with its text as functions read it. */
export interface MediaKey {
  readonly slot: Slot;
  /** PEM of the public half. */
  readonly publicKey: string;
  readonly text: string;
}

/** All media keys in one place. */
export interface MediaKeyRing {
  readonly signing: { readonly key: MediaKey; readonly since: Date } | null;
  readonly next: MediaKey | null;
  /** What each slot will hold after the next deployment: a PEM or no key. Null for a slot that nothing is set for. */
  readonly slots: Readonly<Record<Slot, { readonly publicKey: string | null; readonly since: Date } | null>>;
  /** What each slot holds since the last deployment, with an empty id for no key. Null before the first one. */
  readonly deployed: { readonly ids: Readonly<Record<Slot, string>>; readonly since: Date } | null;
}

/**
 * Parses what is stored.
 * @throws Error that quotes no key, if this command did not write it.
 */
export function readMediaKeyRing(stored: ReadonlyMap<string, StoredSecret>): MediaKeyRing {
  const signing = stored.get(MEDIA_SIGNING_KEY);
  const next = stored.get(NEXT_MEDIA_KEY);
  const deployed = stored.get(DEPLOYED_IDS);
  return {
    signing: signing ? { key: readMediaKey(signing.value, MEDIA_SIGNING_KEY), since: signing.changedAt } : null,
    next: next ? readMediaKey(next.value, NEXT_MEDIA_KEY) : null,
    slots: { a: readSlot(stored, 'a'), b: readSlot(stored, 'b') },
    deployed: deployed ? { ids: readIds(deployed.value), since: deployed.changedAt } : null,
  };
}

/** @param name of the secret, for errors */
export function readMediaKey(text: string, name: string): MediaKey {
  const { slot, privateKey } = parseObject(text) ?? {};
  const known = SLOTS.find((candidate) => candidate === slot);
  const key = typeof privateKey === 'string' ? rsaKey(() => createPrivateKey(privateKey)) : null;
  if (known === undefined || key === null) {
    throw new Error(`${name} is not a slot and a private RSA key of 2048 bits, as a JSON object`);
  }
  return { slot: known, publicKey: pemOf(createPublicKey(key)), text };
}

/** Tells whether the key's slot is set to this key. The next deployment makes it so. */
export function isPublished({ slots }: MediaKeyRing, { slot, publicKey }: MediaKey): boolean {
  return slots[slot]?.publicKey === publicKey;
}

export function otherSlot(slot: Slot): Slot {
  return slot === 'a' ? 'b' : 'a';
}

function readSlot(stored: ReadonlyMap<string, StoredSecret>, slot: Slot): MediaKeyRing['slots'][Slot] {
  const name = PUBLIC_KEY_IN[slot];
  const secret = stored.get(name);
  if (secret === undefined) return null;
  const { value, changedAt: since } = secret;
  if (value === NO_KEY) return { publicKey: null, since };
  // Otherwise a private key would pass for its public half, and be published.
  const key = value.includes('PRIVATE') ? null : rsaKey(() => createPublicKey(value));
  if (key === null) throw new Error(`${name} is neither a public RSA key of 2048 bits, as a PEM, nor ${NO_KEY}`);
  return { publicKey: pemOf(key), since };
}

function readIds(text: string): Readonly<Record<Slot, string>> {
  const { a, b } = parseObject(text) ?? {};
  if (typeof a !== 'string' || typeof b !== 'string')
    throw new Error(`${DEPLOYED_IDS} does not hold an id for each slot`);
  return { a, b };
}

/** Returns the key if it is RSA with 2048 bits, or null. */
function rsaKey(read: () => KeyObject): KeyObject | null {
  try {
    const key = read();
    return key.asymmetricKeyType === 'rsa' && key.asymmetricKeyDetails?.modulusLength === 2048 ? key : null;
  } catch {
    // No cause: its message may quote the key.
    return null;
  }
}

function pemOf(key: KeyObject): string {
  return key.export({ type: 'spki', format: 'pem' }).toString();
}
