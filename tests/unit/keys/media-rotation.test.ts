import {
  type MediaKey,
  type MediaKeyRing,
  readMediaKey,
  readMediaKeyRing,
} from '../../../tools/keys/media/media-key-ring.ts';
import {
  DEPLOYED_SECONDS,
  decideMedia,
  MEDIA_SWITCHED_SECONDS,
  type MediaPhase,
  mediaPhaseOf,
  nextMediaStep,
} from '../../../tools/keys/media/media-key-rotation.ts';
import { createMediaKey, NO_KEY, type Slot } from '../../../tools/keys/media/media-keys.ts';
import { STEPS, type Step } from '../../../tools/keys/rotation/decision.ts';
import type { Change, StoredSecret } from '../../../tools/keys/rotation/secret-store.ts';

const EPOCH = Date.parse('2026-11-23T08:00:00Z');
const at = (seconds: number) => new Date(EPOCH + seconds * 1000);

const newKey = (slot: Slot) => readMediaKey(createMediaKey(slot).signingKey, 'MEDIA_SIGNING_KEY');
// Made once: an RSA key takes a while.
const [inA, inB, freshInA, freshInB, foreign] = [newKey('a'), newKey('b'), newKey('a'), newKey('b'), newKey('a')];
const createKey = (slot: Slot) => (slot === 'a' ? freshInA : freshInB);

interface RingOptions {
  readonly signing?: MediaKey | null;
  readonly next?: MediaKey | null;
  readonly a?: MediaKey | null | undefined;
  readonly b?: MediaKey | null | undefined;
  readonly deployed?: Readonly<Record<Slot, string>> | null;
}

/** A ring in which everything was written at second 0: the key in slot a signs, and is deployed. */
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

const phases = Object.keys(RINGS) as MediaPhase['kind'][];
const decided = (step: Step, ring: MediaKeyRing, now = at(100_000)) => decideMedia(step, { ring, now, createKey });

/** What is stored once the changes are made: as they are in Parameter Store, one after the other. */
function applied(stored: ReadonlyMap<string, StoredSecret>, changes: readonly Change[], changedAt: Date) {
  const after = new Map(stored);
  for (const change of changes) {
    if (change.kind === 'add') expect(after.has(change.name)).toBe(false);
    if (change.kind === 'replace') expect(after.has(change.name)).toBe(true);
    if (change.kind === 'remove') after.delete(change.name);
    else after.set(change.name, { value: change.value, changedAt });
  }
  return after;
}

/** The ring as it would be stored. */
function storedAs({ signing, next, slots, deployed }: MediaKeyRing): Map<string, StoredSecret> {
  const values = {
    MEDIA_SIGNING_KEY: signing?.key.text,
    MEDIA_NEXT_SIGNING_KEY: next?.text,
    MEDIA_PUBLIC_KEY_A: slots.a ? (slots.a.publicKey ?? NO_KEY) : undefined,
    MEDIA_PUBLIC_KEY_B: slots.b ? (slots.b.publicKey ?? NO_KEY) : undefined,
    MEDIA_KEY_PAIR_IDS: deployed ? JSON.stringify(deployed.ids) : undefined,
  };
  return new Map(
    Object.entries(values).flatMap(([name, value]) => (value ? [[name, { value, changedAt: at(0) }] as const] : [])),
  );
}

/** What a ring comes to, but for times. */
function summaryOf({ signing, next, slots }: MediaKeyRing) {
  return [signing?.key.text, next?.text, slots.a?.publicKey, slots.b?.publicKey];
}

it.each(phases)('a ring of media keys that is %s is told by what is in it', (phase) => {
  expect(mediaPhaseOf(RINGS[phase]).kind).toBe(phase);
  expect(mediaPhaseOf(readMediaKeyRing(storedAs(RINGS[phase]))).kind).toBe(phase);
});

describe('each step of the media key in each phase, when there is nothing to wait for', () => {
  const { act, done, refused } = { act: 'act', done: 'done', refused: 'refused' } as const;
  const TABLE = {
    create: [act, act, done, done, done, act, done],
    publish: [refused, refused, act, act, done, refused, refused],
    switch: [refused, refused, refused, refused, act, act, done],
    retire: [refused, refused, done, refused, refused, refused, act],
  };
  const LEADS_TO: Partial<Record<`${Step} ${MediaPhase['kind']}`, MediaPhase['kind']>> = {
    'create missing': 'steady',
    'create unpublished': 'steady',
    'create switching': 'switched',
    'publish steady': 'published',
    'publish publishing': 'published',
    'switch published': 'switched',
    'switch switching': 'switched',
    'retire switched': 'steady',
  };
  const cases = STEPS.flatMap((step) => phases.map((phase, index) => [step, phase, TABLE[step][index]] as const));

  it.each(cases)('%s while %s: %s', (step, phase, kind) => {
    const decision = decided(step, RINGS[phase]);
    expect(decision.kind).toBe(kind);
    if (decision.kind !== 'act') return;
    const after = readMediaKeyRing(applied(storedAs(RINGS[phase]), decision.changes, at(100_000)));
    expect(mediaPhaseOf(after).kind).toBe(LEADS_TO[`${step} ${phase}`]);
  });

  it.each(cases.filter(([, , kind]) => kind === 'act'))(
    '%s while %s may stop between any two writes: what signs has its slot, and the same again ends as it should',
    (step, phase) => {
      const before = storedAs(RINGS[phase]);
      const decision = decided(step, RINGS[phase]);
      if (decision.kind !== 'act') throw new Error('nothing to stop');
      const whole = summaryOf(readMediaKeyRing(applied(before, decision.changes, at(100_000))));

      for (let writes = 1; writes < decision.changes.length; writes += 1) {
        const stopped = applied(before, decision.changes.slice(0, writes), at(100_000));
        const ring = readMediaKeyRing(stopped);
        if (ring.signing) expect(ring.slots[ring.signing.key.slot]?.publicKey).toBe(ring.signing.key.publicKey);

        const never = () => {
          throw new Error('a second key');
        };
        const again = decideMedia(step, { ring, now: at(200_000), createKey: never });
        const changes = again.kind === 'act' ? again.changes : [];
        expect(summaryOf(readMediaKeyRing(applied(stopped, changes, at(200_000))))).toEqual(whole);
      }
    },
  );

  it.each(phases)('what is named as the next step while %s is one that can be taken, or a deployment', (phase) => {
    const { step, from } = nextMediaStep(RINGS[phase]);
    const name = step.replace('media ', '') as Step | 'deploy';
    if (name !== 'deploy') expect(decided(name, RINGS[phase], from ?? at(0)).kind).toBe('act');
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

  it('comes between publish and switch, however long one has waited and even if it is forced', () => {
    const ring = buildRing({ next: inB, b: inB });
    expect(decided('switch', ring, at(10_000_000))).toMatchObject({
      kind: 'refused',
      says: expect.stringContaining('deploy first'),
    });
  });

  it('comes between retire and the next publish: CloudFront changes no key, so a slot must have been empty', () => {
    const ring = buildRing({ deployed: { a: 'KA', b: 'KB' } });
    expect(decided('publish', ring)).toMatchObject({ kind: 'refused', says: expect.stringContaining('deploy first') });
    expect(decided('publish', buildRing()).kind).toBe('act');
  });
});

describe('waiting', () => {
  it.each([
    ['switch', 'published', DEPLOYED_SECONDS, 900],
    ['retire', 'switched', MEDIA_SWITCHED_SECONDS, 43_500],
  ] as const)('%s is too early until %s for %d s, and can be forced', (step, phase, seconds, expected) => {
    expect(seconds).toBe(expected);
    const early = decided(step, RINGS[phase], at(seconds - 1));
    expect(early).toMatchObject({ kind: 'too-early', until: at(seconds), ifForced: { kind: 'act' } });
    expect(decided(step, RINGS[phase], at(seconds)).kind).toBe('act');
    expect(nextMediaStep(RINGS[phase]).from).toEqual(at(seconds));
  });

  it('for a switch begins with the deployment, not with what was published for it', () => {
    const ring = { ...RINGS.published, deployed: { ids: { a: 'KA', b: 'KB' }, since: at(5_000) } };
    expect(decided('switch', ring, at(5_899))).toMatchObject({ kind: 'too-early', until: at(5_900) });
  });
});

describe('a slot with a key whose private half is gone', () => {
  it('is left alone by create, which takes the other one', () => {
    const ring = buildRing({ signing: null, a: foreign });
    const decision = decided('create', ring);
    if (decision.kind !== 'act') throw new Error('no key was made');
    const after = readMediaKeyRing(applied(storedAs(ring), decision.changes, at(0)));
    expect(after.signing?.key.slot).toBe('b');
    expect(after.slots.a?.publicKey).toBe(foreign.publicKey);
    // It is retired like any old key.
    expect(mediaPhaseOf(after).kind).toBe('switched');
    expect(nextMediaStep(after).step).toBe('deploy');
  });

  it.each([
    ['both are so', buildRing({ signing: null, a: foreign, b: inB })],
    ['it is the slot of the key that signs', buildRing({ a: foreign })],
  ])('is for people to empty when %s', (_, ring) => {
    expect(decided('create', ring)).toMatchObject({ kind: 'refused', says: expect.stringContaining(`to ${NO_KEY}`) });
  });
});

describe('what is stored by somebody else', () => {
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
  ])('as %s is refused, without being quoted', (name, value) => {
    const reading = () => readMediaKeyRing(new Map([[name, { value, changedAt: at(0) }]]));
    expect(reading).toThrow(name);
    expect(reading).not.toThrow(/MII|empty|KA/);
  });
});
