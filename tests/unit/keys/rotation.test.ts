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
  PUBLISHED_SECONDS,
  phaseOf,
  SWITCHED_SECONDS,
} from '../../../tools/keys/access-token/key-rotation.ts';
import { STEPS, type Step } from '../../../tools/keys/rotation/decision.ts';
import type { Change, StoredSecret } from '../../../tools/keys/rotation/secret-store.ts';

const EPOCH = Date.parse('2026-11-23T08:00:00Z');
const at = (seconds: number) => new Date(EPOCH + seconds * 1000);

const newKey = () => readPrivateKey(createSigningKey().privateKey);
const [current, next, former, fresh] = [newKey(), newKey(), newKey(), newKey()];

interface RingOptions {
  readonly signing?: PrivateKey | null;
  readonly next?: PrivateKey | null;
  readonly published?: readonly PrivateKey[];
}

/** A ring in which everything was written at second 0. */
function buildRing({ signing = current, next: kept = null, published = [current] }: RingOptions = {}): KeyRing {
  return {
    signing: signing && { key: signing, since: at(0) },
    next: kept,
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

const decided = (step: Step, ring: KeyRing, now = at(10_000)) => decide(step, { ring, now, createKey: () => fresh });

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
function storedAs({ signing, next: kept, published }: KeyRing): Map<string, StoredSecret> {
  const set = JSON.stringify({
    keys: [...(published?.keys ?? [])].map(([kid, key]) => ({ ...key.export({ format: 'jwk' }), kid, use: 'sig' })),
  });
  const values = {
    ACCESS_TOKEN_PRIVATE_KEY: signing?.key.text,
    ACCESS_TOKEN_NEXT_PRIVATE_KEY: kept?.text,
    ACCESS_TOKEN_PUBLIC_KEYS: published ? set : undefined,
  };
  return new Map(
    Object.entries(values).flatMap(([name, value]) => (value ? [[name, { value, changedAt: at(0) }] as const] : [])),
  );
}

const phases = Object.keys(RINGS) as Phase[];

it.each(phases)('a ring that is %s is told by what is in it', (phase) => {
  expect(phaseOf(RINGS[phase])).toBe(phase);
  expect(phaseOf(readKeyRing(storedAs(RINGS[phase])))).toBe(phase);
});

describe('each step in each phase, when there is nothing to wait for', () => {
  const { act, done, refused } = { act: 'act', done: 'done', refused: 'refused' } as const;
  const TABLE = {
    create: [act, act, done, done, done, act, done],
    publish: [refused, refused, act, act, done, refused, refused],
    switch: [refused, refused, refused, refused, act, act, done],
    retire: [refused, refused, done, refused, refused, refused, act],
  };
  const LEADS_TO: Partial<Record<`${Step} ${Phase}`, Phase>> = {
    'create missing': 'steady',
    'create unpublished': 'switched',
    'create switching': 'switched',
    'publish steady': 'published',
    'publish publishing': 'published',
    'switch published': 'switched',
    'switch switching': 'switched',
    'retire switched': 'steady',
  };
  const cases = STEPS.flatMap((step) => phases.map((phase, at) => [step, phase, TABLE[step][at]] as const));

  it.each(cases)('%s while %s: %s', (step, phase, kind) => {
    const decision = decided(step, RINGS[phase]);
    expect(decision.kind).toBe(kind);
    if (decision.kind !== 'act') return;
    const after = readKeyRing(applied(storedAs(RINGS[phase]), decision.changes, at(10_000)));
    expect(phaseOf(after)).toBe(LEADS_TO[`${step} ${phase}`]);
  });

  it.each(cases.filter(([, , kind]) => kind === 'act'))(
    '%s while %s may stop between any two writes: what signs is published, and the same again ends as it should',
    (step, phase) => {
      const before = storedAs(RINGS[phase]);
      const decision = decided(step, RINGS[phase]);
      if (decision.kind !== 'act') throw new Error('nothing to stop');

      for (let writes = 1; writes < decision.changes.length; writes += 1) {
        const stopped = applied(before, decision.changes.slice(0, writes), at(10_000));
        const ring = readKeyRing(stopped);
        if (ring.signing !== null) expect(ring.published?.keys.has(ring.signing.key.kid)).toBe(true);

        const again = decide(step, { ring, now: at(20_000), createKey: newKey });
        const changes = again.kind === 'act' ? again.changes : [];
        const end = readKeyRing(applied(stopped, changes, at(20_000)));
        const whole = readKeyRing(applied(before, decision.changes, at(10_000)));
        expect(phaseOf(end)).toBe(phaseOf(whole));
        expect(end.signing?.key.kid).toBe(whole.signing?.key.kid);
        expect([...(end.published?.keys.keys() ?? [])]).toEqual([...(whole.published?.keys.keys() ?? [])]);
        expect(end.next?.kid).toBe(whole.next?.kid);
      }
    },
  );

  it.each(phases)('what is named as the next step while %s is one that can be taken', (phase) => {
    const { step, from } = nextStep(RINGS[phase]);
    expect(decided(step, RINGS[phase], from ?? at(0)).kind).toBe('act');
  });
});

describe('waiting', () => {
  it.each([
    ['switch', 'published', PUBLISHED_SECONDS, 180],
    ['retire', 'switched', SWITCHED_SECONDS, 3690],
  ] as const)('%s is too early until %s for %d s, and can be forced', (step, phase, seconds, expected) => {
    expect(seconds).toBe(expected);
    const early = decided(step, RINGS[phase], at(seconds - 0.001));
    expect(early).toMatchObject({ kind: 'too-early', until: at(seconds) });
    const inTime = decided(step, RINGS[phase], at(seconds));
    expect(inTime.kind).toBe('act');
    expect(early).toMatchObject({ ifForced: inTime });
    expect(nextStep(RINGS[phase])).toEqual({ step, from: at(seconds) });
  });
});

it('a first key that was kept and not published is used, not replaced', () => {
  const decision = decided('create', buildRing({ signing: null, next, published: [] }));
  expect(decision).toMatchObject({ kind: 'act', says: expect.stringContaining(next.kid) });
});

it('a set with a private key in it is refused, and not quoted', () => {
  const leaked = new Map([
    ['ACCESS_TOKEN_PUBLIC_KEYS', { value: `{"keys":[${current.text}]}`, changedAt: at(0) }] as const,
  ]);
  expect(() => readKeyRing(leaked)).toThrow(/leaked/);
});
