import { type Decision, STEPS, type Step } from '../../../tools/keys/rotation/decision.ts';
import type { NextStep } from '../../../tools/keys/rotation/next-step.ts';
import type { Change, StoredSecret } from '../../../tools/keys/rotation/secret-store.ts';

type StoredSecrets = ReadonlyMap<string, StoredSecret>;

const PHASES = ['missing', 'unpublished', 'steady', 'publishing', 'published', 'switching', 'switched'] as const;
type Phase = (typeof PHASES)[number];

/** A rotation of one kind of key, with a key ring for each phase. Everything in the rings was written at second 0. */
export interface RotationUnderTest<Ring> {
  readonly rings: Readonly<Record<Phase, Ring>>;
  readonly phaseOf: (ring: Ring) => string;
  readonly decide: (step: Step, ring: Ring, now: Date) => Decision;
  /** Decides for a step that must not create a key. */
  readonly decideWithoutNewKey: (step: Step, ring: Ring, now: Date) => Decision;
  readonly nextStep: (ring: Ring) => NextStep;
  readonly store: (ring: Ring) => StoredSecrets;
  readonly read: (stored: StoredSecrets) => Ring;
  /** Whether verifiers know the key that signs. */
  readonly isSigningKeyPublished: (ring: Ring) => boolean;
  /** The content of a ring without times. */
  readonly summaryOf: (ring: Ring) => unknown;
  /** The phase after `create` with an unpublished key. */
  readonly afterPublishingSigningKey: Phase;
}

const EPOCH = Date.parse('2026-11-23T08:00:00Z');

/** The time that many seconds after the start of the test. */
export function at(seconds: number): Date {
  return new Date(EPOCH + seconds * 1000);
}

/** A time at which no step has to wait. */
export const MUCH_LATER = at(100_000);

/** Stores these values, all written at second 0. Undefined values are left out. */
export function storedSecrets(values: Readonly<Record<string, string | undefined>>): Map<string, StoredSecret> {
  return new Map(
    Object.entries(values).flatMap(([name, value]) => (value ? [[name, { value, changedAt: at(0) }] as const] : [])),
  );
}

/** Makes the changes one after another, as Parameter Store does, and returns what is stored then. */
export function applyChanges(stored: StoredSecrets, changes: readonly Change[], changedAt: Date): StoredSecrets {
  const after = new Map(stored);
  for (const change of changes) {
    if (change.kind === 'add') expect(after.has(change.name)).toBe(false);
    if (change.kind === 'replace') expect(after.has(change.name)).toBe(true);
    if (change.kind === 'remove') after.delete(change.name);
    else after.set(change.name, { value: change.value, changedAt });
  }
  return after;
}

/** By step, the decision in each of the phases, if nothing has to wait. */
const DECISIONS = {
  create: ['act', 'act', 'done', 'done', 'done', 'act', 'done'],
  publish: ['refused', 'refused', 'act', 'act', 'done', 'refused', 'refused'],
  switch: ['refused', 'refused', 'refused', 'refused', 'act', 'act', 'done'],
  retire: ['refused', 'refused', 'done', 'refused', 'refused', 'refused', 'act'],
} as const satisfies Record<Step, readonly Decision['kind'][]>;

/** Declares the tests that hold for the rotation of any kind of key. */
export function itRotates<Ring>(rotation: RotationUnderTest<Ring>): void {
  const { rings, phaseOf, decide, decideWithoutNewKey, nextStep, store, read } = rotation;

  const PHASE_AFTER: Partial<Record<`${Step} ${Phase}`, Phase>> = {
    'create missing': 'steady',
    'create unpublished': rotation.afterPublishingSigningKey,
    'create switching': 'switched',
    'publish steady': 'published',
    'publish publishing': 'published',
    'switch published': 'switched',
    'switch switching': 'switched',
    'retire switched': 'steady',
  };
  const cases = STEPS.flatMap((step) => PHASES.map((phase, index) => [step, phase, DECISIONS[step][index]] as const));

  it.each(PHASES)('recognizes the phase %s, also from what is stored', (phase) => {
    expect(phaseOf(rings[phase])).toBe(phase);
    expect(phaseOf(read(store(rings[phase])))).toBe(phase);
  });

  it.each(cases)('%s in the phase %s: %s, if nothing has to wait', (step, phase, kind) => {
    const decision = decide(step, rings[phase], MUCH_LATER);
    expect(decision.kind).toBe(kind);
    if (decision.kind !== 'act') return;
    const after = read(applyChanges(store(rings[phase]), decision.changes, MUCH_LATER));
    expect(phaseOf(after)).toBe(PHASE_AFTER[`${step} ${phase}`]);
  });

  it.each(cases.filter(([, , kind]) => kind === 'act'))(
    '%s in the phase %s may stop after any write: what signs is published, and a repetition finishes the step',
    (step, phase) => {
      const before = store(rings[phase]);
      const decision = decide(step, rings[phase], MUCH_LATER);
      if (decision.kind !== 'act') throw new Error('There is no write to stop after');
      const complete = read(applyChanges(before, decision.changes, MUCH_LATER));

      for (let writes = 1; writes < decision.changes.length; writes += 1) {
        const stopped = applyChanges(before, decision.changes.slice(0, writes), MUCH_LATER);
        const ring = read(stopped);
        expect(rotation.isSigningKeyPublished(ring)).toBe(true);

        const repetition = decideWithoutNewKey(step, ring, at(200_000));
        const changes = repetition.kind === 'act' ? repetition.changes : [];
        const end = read(applyChanges(stopped, changes, at(200_000)));
        expect(phaseOf(end)).toBe(phaseOf(complete));
        expect(rotation.summaryOf(end)).toEqual(rotation.summaryOf(complete));
      }
    },
  );

  it.each(PHASES)('names a next step in the phase %s that can be taken, or a deployment', (phase) => {
    const { step, from } = nextStep(rings[phase]);
    if (step === 'deploy') return;
    const taken = STEPS.find((candidate) => candidate === step.replace('media ', ''));
    if (taken === undefined) throw new Error(`${step} is not a step`);
    expect(decide(taken, rings[phase], from ?? at(0)).kind).toBe('act');
  });
}

/** A key factory that fails the test. */
export function noNewKey(): never {
  throw new Error('A second key was created');
}
