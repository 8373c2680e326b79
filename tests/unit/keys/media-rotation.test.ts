import {
  type MediaKey,
  type MediaKeyRing,
  readMediaKey,
  readMediaKeyRing,
} from '../../../tools/keys/media/media-key-ring.ts';
import {
  decideMedia,
  MEDIA_RETIRE_DELAY_SECONDS,
  MEDIA_SWITCH_DELAY_SECONDS,
  type MediaPhase,
  mediaPhaseOf,
  nextMediaStep,
} from '../../../tools/keys/media/media-key-rotation.ts';
import { createMediaKey, NO_KEY, type Slot } from '../../../tools/keys/media/media-keys.ts';
import type { Step } from '../../../tools/keys/rotation/decision.ts';
import { applyChanges, at, itRotates, MUCH_LATER, noNewKey, storedSecrets } from '../../support/keys/rotation.ts';

const newKey = (slot: Slot) => readMediaKey(createMediaKey(slot).signingKey, 'MEDIA_SIGNING_KEY');
// Created once, because an RSA key takes a while.
const [inA, inB, freshInA, freshInB, foreign] = [newKey('a'), newKey('b'), newKey('a'), newKey('b'), newKey('a')];
const createKey = (slot: Slot) => (slot === 'a' ? freshInA : freshInB);

interface RingOptions {
  readonly signing?: MediaKey | null;
  readonly next?: MediaKey | null;
  readonly a?: MediaKey | null | undefined;
  readonly b?: MediaKey | null | undefined;
  readonly deployed?: Readonly<Record<Slot, string>> | null;
}

/** By default, the key in slot a signs and is deployed. */
function buildRing(options: RingOptions = {}): MediaKeyRing {
  const { signing = inA, next = null, deployed = { a: 'KA', b: '' } } = options;
  const slot = (key: MediaKey | null | undefined) =>
    key === undefined ? null : { publicKey: key?.publicKey ?? null, since: at(0) };
  return {
    signing: signing && { key: signing, since: at(0) },
    next,
    slots: { a: slot('a' in options ? options.a : inA), b: slot('b' in options ? options.b : null) },
    deployed: deployed && { ids: deployed, since: at(0) },
  };
}

const RINGS = {
  missing: buildRing({ signing: null, a: undefined, b: undefined, deployed: null }),
  unpublished: buildRing({ a: null, deployed: null }),
  steady: buildRing(),
  publishing: buildRing({ next: inB }),
  published: buildRing({ next: inB, b: inB, deployed: { a: 'KA', b: 'KB' } }),
  switching: buildRing({ signing: inB, next: inB, b: inB, deployed: { a: 'KA', b: 'KB' } }),
  switched: buildRing({ signing: inB, b: inB, deployed: { a: 'KA', b: 'KB' } }),
} as const satisfies Record<MediaPhase['kind'], MediaKeyRing>;

const decided = (step: Step, ring: MediaKeyRing, now = MUCH_LATER) => decideMedia(step, { ring, now, createKey });

const store = ({ signing, next, slots, deployed }: MediaKeyRing) =>
  storedSecrets({
    MEDIA_SIGNING_KEY: signing?.key.text,
    MEDIA_NEXT_SIGNING_KEY: next?.text,
    MEDIA_PUBLIC_KEY_A: slots.a ? (slots.a.publicKey ?? NO_KEY) : undefined,
    MEDIA_PUBLIC_KEY_B: slots.b ? (slots.b.publicKey ?? NO_KEY) : undefined,
    MEDIA_KEY_PAIR_IDS: deployed ? JSON.stringify(deployed.ids) : undefined,
  });

describe('the rotation of media keys', () => {
  itRotates<MediaKeyRing>({
    rings: RINGS,
    phaseOf: (ring) => mediaPhaseOf(ring).kind,
    decide: decided,
    decideWithoutNewKey: (step, ring, now) => decideMedia(step, { ring, now, createKey: noNewKey }),
    nextStep: nextMediaStep,
    read: readMediaKeyRing,
    store,
    isSigningKeyPublished: ({ signing, slots }) =>
      signing === null || slots[signing.key.slot]?.publicKey === signing.key.publicKey,
    summaryOf: ({ signing, next, slots }) => [signing?.key.text, next?.text, slots.a?.publicKey, slots.b?.publicKey],
    // The slot had no key before.
    afterPublishingSigningKey: 'steady',
  });
});

describe('a deployment', () => {
  it.each([
    ['of the first key', buildRing({ deployed: null })],
    ['of the next key', buildRing({ next: inB, b: inB })],
    ['of an emptied slot', buildRing({ deployed: { a: 'KA', b: 'KB' } })],
  ])('%s is the next step', (_, ring) => {
    expect(nextMediaStep(ring)).toEqual({ step: 'deploy', from: null });
  });

  it('must come between publish and switch, after any wait and even with --force', () => {
    const ring = buildRing({ next: inB, b: inB });
    expect(decided('switch', ring, at(10_000_000))).toMatchObject({
      kind: 'refused',
      message: expect.stringContaining('deploy first'),
    });
  });

  it('must come between retire and the next publish, because CloudFront cannot replace a key', () => {
    const ring = buildRing({ deployed: { a: 'KA', b: 'KB' } });
    expect(decided('publish', ring)).toMatchObject({
      kind: 'refused',
      message: expect.stringContaining('deploy first'),
    });
    expect(decided('publish', buildRing()).kind).toBe('act');
  });
});

describe('the delays of a media rotation', () => {
  it.each([
    ['switch', 'published', MEDIA_SWITCH_DELAY_SECONDS, 300],
    ['retire', 'switched', MEDIA_RETIRE_DELAY_SECONDS, 43_500],
  ] as const)('%s waits in the phase %s for %d s, and can be forced', (step, phase, seconds, expected) => {
    expect(seconds).toBe(expected);
    const early = decided(step, RINGS[phase], at(seconds - 1));
    expect(early).toMatchObject({ kind: 'too-early', until: at(seconds), ifForced: { kind: 'act' } });
    expect(decided(step, RINGS[phase], at(seconds)).kind).toBe('act');
    expect(nextMediaStep(RINGS[phase]).from).toEqual(at(seconds));
  });

  it('start with the deployment before a switch, not with the publication', () => {
    const ring = { ...RINGS.published, deployed: { ids: { a: 'KA', b: 'KB' }, since: at(5_000) } };
    expect(decided('switch', ring, at(5_299))).toMatchObject({ kind: 'too-early', until: at(5_300) });
  });
});

describe('a slot with a key whose private half is lost', () => {
  it('is kept by create, which uses the other slot', () => {
    const ring = buildRing({ signing: null, a: foreign });
    const decision = decided('create', ring);
    if (decision.kind !== 'act') throw new Error('No key was created');
    const after = readMediaKeyRing(applyChanges(store(ring), decision.changes, at(0)));
    expect(after.signing?.key.slot).toBe('b');
    expect(after.slots.a?.publicKey).toBe(foreign.publicKey);
    // It is retired like any old key.
    expect(mediaPhaseOf(after).kind).toBe('switched');
    expect(nextMediaStep(after).step).toBe('deploy');
  });

  it.each([
    ['both slots are lost', buildRing({ signing: null, a: foreign, b: inB })],
    ['it belongs to the key that signs', buildRing({ a: foreign })],
  ])('must be emptied by hand if %s', (_, ring) => {
    expect(decided('create', ring)).toMatchObject({
      kind: 'refused',
      message: expect.stringContaining(`to ${NO_KEY}`),
    });
  });
});

describe('a malformed stored value', () => {
  const { publicKey, signingKey } = createMediaKey('a');
  const { privateKey } = JSON.parse(signingKey) as { readonly privateKey: string };

  it.each([
    ['MEDIA_SIGNING_KEY', `not JSON, ${privateKey}`],
    ['MEDIA_SIGNING_KEY', JSON.stringify({ slot: 'c', privateKey })],
    ['MEDIA_SIGNING_KEY', JSON.stringify({ slot: 'a', privateKey: privateKey.replace('MII', 'XXX') })],
    ['MEDIA_NEXT_SIGNING_KEY', JSON.stringify({ slot: 'a', privateKey: publicKey })],
    ['MEDIA_PUBLIC_KEY_A', privateKey],
    ['MEDIA_PUBLIC_KEY_B', 'empty'],
    ['MEDIA_KEY_PAIR_IDS', '{"a":"KA"}'],
  ])('of %s is refused without being quoted', (name, value) => {
    const reading = () => readMediaKeyRing(new Map([[name, { value, changedAt: at(0) }]]));
    expect(reading).toThrow(name);
    expect(reading).not.toThrow(/MII|empty|KA/);
  });
});
