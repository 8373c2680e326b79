import type { KeyObject } from 'node:crypto';
import { contract } from '../../../functions/auth/contract.ts';
import { MAX_AGE_MS as KEY_SET_MAX_AGE_MS } from '../../../functions/auth/token/public-key-set.ts';
import { createSigningKey } from '../../../tools/keys/access-token/create-signing-key.ts';
import {
  type KeyRing,
  type PrivateKey,
  readKeyRing,
  readPrivateKey,
} from '../../../tools/keys/access-token/key-ring.ts';
import {
  decide,
  nextStep,
  type Phase,
  phaseOf,
  RETIRE_DELAY_SECONDS,
  SWITCH_DELAY_SECONDS,
} from '../../../tools/keys/access-token/key-rotation.ts';
import type { Step } from '../../../tools/keys/rotation/decision.ts';
import { at, itRotates, MUCH_LATER, noNewKey, storedSecrets } from '../../support/keys/rotation.ts';

const newKey = () => readPrivateKey(createSigningKey().privateKey);
const [current, next, former, fresh] = [newKey(), newKey(), newKey(), newKey()];

interface RingOptions {
  readonly signing?: PrivateKey | null;
  readonly next?: PrivateKey | null;
  readonly published?: readonly PrivateKey[];
}

/** By default, one key that signs and is published. */
function buildRing({ signing = current, next: stored = null, published = [current] }: RingOptions = {}): KeyRing {
  return {
    signing: signing && { key: signing, since: at(0) },
    next: stored,
    published:
      published.length > 0
        ? { keys: new Map(published.map(({ kid, publicKey }) => [kid, publicKey])), since: at(0) }
        : null,
  };
}

const RINGS: Readonly<Record<Phase, KeyRing>> = {
  missing: buildRing({ signing: null, published: [] }),
  unpublished: buildRing({ published: [former] }),
  steady: buildRing(),
  publishing: buildRing({ next }),
  published: buildRing({ next, published: [current, next] }),
  switching: buildRing({ signing: next, next, published: [current, next] }),
  switched: buildRing({ signing: next, published: [current, next] }),
};

const decided = (step: Step, ring: KeyRing, now = MUCH_LATER) => decide(step, { ring, now, createKey: () => fresh });

describe('the rotation of access-token keys', () => {
  itRotates<KeyRing>({
    rings: RINGS,
    phaseOf,
    decide: decided,
    decideWithoutNewKey: (step, ring, now) => decide(step, { ring, now, createKey: noNewKey }),
    nextStep,
    read: readKeyRing,
    store: ({ signing, next: stored, published }) =>
      storedSecrets({
        ACCESS_TOKEN_PRIVATE_KEY: signing?.key.text,
        ACCESS_TOKEN_NEXT_PRIVATE_KEY: stored?.text,
        ACCESS_TOKEN_PUBLIC_KEYS: published ? keySet([...published.keys]) : undefined,
      }),
    isSigningKeyPublished: ({ signing, published }) =>
      signing === null || published?.keys.has(signing.key.kid) === true,
    summaryOf: ({ signing, next: stored, published }) => [
      signing?.key.kid,
      stored?.kid,
      [...(published?.keys.keys() ?? [])],
    ],
    // The key that was published before is still there, as an old one.
    afterPublishingSigningKey: 'switched',
  });
});

function keySet(keys: readonly (readonly [kid: string, key: KeyObject])[]): string {
  return JSON.stringify({ keys: keys.map(([kid, key]) => ({ ...key.export({ format: 'jwk' }), kid, use: 'sig' })) });
}

describe('the delays of a rotation', () => {
  it.each([
    ['switch', 'published', SWITCH_DELAY_SECONDS, 180],
    ['retire', 'switched', RETIRE_DELAY_SECONDS, 1890],
  ] as const)('%s waits in the phase %s for %d s, and can be forced', (step, phase, seconds, expected) => {
    expect(seconds).toBe(expected);
    const early = decided(step, RINGS[phase], at(seconds - 0.001));
    expect(early).toMatchObject({ kind: 'too-early', until: at(seconds) });
    const inTime = decided(step, RINGS[phase], at(seconds));
    expect(inTime.kind).toBe('act');
    expect(early).toMatchObject({ ifForced: inTime });
    expect(nextStep(RINGS[phase])).toEqual({ step, from: at(seconds) });
  });
});

it('waits until the caches of the function, of the stage and of clients have the next key', () => {
  const { ttlSeconds } = contract.routes['GET /.well-known/jwks.json'].cache;
  expect(SWITCH_DELAY_SECONDS).toBeGreaterThanOrEqual(KEY_SET_MAX_AGE_MS / 1000 + ttlSeconds + ttlSeconds);
});

it('uses a first key that is stored but not published, rather than another one', () => {
  const decision = decided('create', buildRing({ signing: null, next, published: [] }));
  expect(decision).toMatchObject({ kind: 'act', message: expect.stringContaining(next.kid) });
});

it('refuses a key set with a private key in it, without quoting it', () => {
  const leaked = new Map([
    ['ACCESS_TOKEN_PUBLIC_KEYS', { value: `{"keys":[${current.text}]}`, changedAt: at(0) }] as const,
  ]);
  expect(() => readKeyRing(leaked)).toThrow(/leaked/);
});
