import { MAX_GRANT_SECONDS } from '../../../shared/media/lifetime.ts';
import { MAX_AGE_MS as SIGNING_KEY_MAX_AGE_MS } from '../../../shared/media/media-signing-key.ts';
import { act, type Decision, done, refused, type Step, waitUntil } from '../rotation/decision.ts';
import { type NextStep, secondsAfter } from '../rotation/next-step.ts';
import type { Change } from '../rotation/secret-store.ts';
import {
  isPublished,
  MEDIA_SIGNING_KEY,
  type MediaKey,
  type MediaKeyRing,
  NEXT_MEDIA_KEY,
  otherSlot,
} from './media-key-ring.ts';
import { NO_KEY, PUBLIC_KEY_IN, SLOTS, type Slot } from './media-keys.ts';

/**
 * How long to wait between deploying the next key and signing with it, in seconds, so that every edge of CloudFront
 * knows the key. Changes reach all edges in about five minutes (AWS blog, "Slashing CloudFront change propagation times
 * in 2020"). Functions need no time: they read the key and its id together.
 */
export const MEDIA_SWITCH_DELAY_SECONDS = 300;

/** How long a container may sign with the old key after a switch, in seconds. */
const SIGNING_KEY_MAX_AGE_SECONDS = SIGNING_KEY_MAX_AGE_MS / 1000;

/**
 * How long to wait between the switch and retiring the old key, in seconds: until the last grant that a container
 * signed with it has expired.
 */
export const MEDIA_RETIRE_DELAY_SECONDS = SIGNING_KEY_MAX_AGE_SECONDS + MAX_GRANT_SECONDS;

/** The state of a rotation, with its keys. Phases in `-ing` are steps that started and did not finish. */
export type MediaPhase =
  | { readonly kind: 'missing' }
  /** The slots do not match the key that signs. */
  | { readonly kind: 'unpublished'; readonly signing: MediaKey }
  | { readonly kind: 'steady'; readonly signing: MediaKey }
  | { readonly kind: 'publishing'; readonly next: MediaKey }
  | { readonly kind: 'published'; readonly next: MediaKey; readonly publishedAt: Date }
  | { readonly kind: 'switching'; readonly signing: MediaKey }
  | { readonly kind: 'switched'; readonly signing: MediaKey; readonly since: Date };

export function mediaPhaseOf(ring: MediaKeyRing): MediaPhase {
  if (ring.signing === null) return { kind: 'missing' };
  const { next, slots } = ring;
  const { key: signing, since } = ring.signing;
  const other = slots[otherSlot(signing.slot)];
  if (!isPublished(ring, signing) || other === null) return { kind: 'unpublished', signing };
  if (next !== null && next.slot === signing.slot) return { kind: 'switching', signing };
  if (next !== null) {
    return isPublished(ring, next)
      ? { kind: 'published', next, publishedAt: other.since }
      : { kind: 'publishing', next };
  }
  return other.publicKey === null ? { kind: 'steady', signing } : { kind: 'switched', signing, since };
}

/** The facts for a decision. `createKey` makes a new private key for a slot. */
export interface MediaSituation {
  readonly ring: MediaKeyRing;
  readonly now: Date;
  readonly createKey: (slot: Slot) => MediaKey;
}

/** Decides what a step does for the media key. As for access tokens, the state comes from what is stored. */
export function decideMedia(step: Step, situation: MediaSituation): Decision {
  const phase = mediaPhaseOf(situation.ring);
  if (step === 'create') return create(phase, situation);
  if (phase.kind === 'missing') return refused('There is no media key yet: run `create` first.');
  if (phase.kind === 'unpublished') {
    return refused('The slots do not match the media key that signs: run `create`, which repairs it.');
  }
  if (phase.kind === 'switching' && step !== 'switch') {
    return refused('The last switch was interrupted: run `media switch` again first.');
  }
  return ROTATION[step](phase, situation);
}

/** Returns the next step, and the earliest time for it. `deploy` is not a step of this command. */
export function nextMediaStep(ring: MediaKeyRing): NextStep {
  const phase = mediaPhaseOf(ring);
  switch (phase.kind) {
    case 'missing':
    case 'unpublished':
      return { step: 'create', from: null };
    case 'publishing':
      return isDeployed(ring, phase.next.slot) ? DEPLOY : { step: 'media publish', from: null };
    case 'published':
      return isDeployed(ring, phase.next.slot)
        ? { step: 'media switch', from: maySwitchFrom(ring, phase.publishedAt) }
        : DEPLOY;
    case 'switching':
      return { step: 'media switch', from: null };
    case 'switched':
      return isDeployed(ring, phase.signing.slot) ? { step: 'media retire', from: mayRetireFrom(phase.since) } : DEPLOY;
    case 'steady': {
      const { slot } = phase.signing;
      const isCurrent = isDeployed(ring, slot) && !isDeployed(ring, otherSlot(slot));
      return isCurrent ? { step: 'media publish', from: null } : DEPLOY;
    }
  }
}

type Rotating = Exclude<MediaPhase, { readonly kind: 'missing' | 'unpublished' }>;

const ROTATION: Readonly<Record<Exclude<Step, 'create'>, (phase: Rotating, situation: MediaSituation) => Decision>> = {
  publish(phase, { ring, createKey }) {
    switch (phase.kind) {
      case 'steady': {
        const slot = otherSlot(phase.signing.slot);
        if (isDeployed(ring, slot)) return deployFirst(slot);
        const key = createKey(slot);
        return nextKeyPublished(key, [{ kind: 'add', name: NEXT_MEDIA_KEY, value: key.text }, publication(ring, key)]);
      }
      case 'publishing':
        return isDeployed(ring, phase.next.slot)
          ? deployFirst(phase.next.slot)
          : nextKeyPublished(phase.next, [publication(ring, phase.next)]);
      case 'published':
        return done('The next media key is published already.');
      default:
        return refused('The old key of the last rotation still has its slot: run `media retire` first.');
    }
  },

  switch(phase, { ring, now }) {
    switch (phase.kind) {
      case 'steady':
        return refused('There is no next media key to switch to: run `media publish` first.');
      case 'publishing':
        return refused('The next media key was created but not published: run `media publish` again first.');
      case 'published': {
        const { next, publishedAt } = phase;
        if (!isDeployed(ring, next.slot)) {
          return refused(
            `The key in slot ${next.slot} is not deployed, so nobody would accept its grants: deploy first.`,
          );
        }
        const decision = act(
          [{ kind: 'replace', name: MEDIA_SIGNING_KEY, value: next.text }, REMOVE_NEXT_KEY],
          `The key in slot ${next.slot} signs from now on. Running containers switch to it within ${SIGNING_KEY_MAX_AGE_SECONDS} s.`,
        );
        const risk = 'Until then, some edges of CloudFront may not know the next key. They would refuse its grants.';
        return waitUntil(maySwitchFrom(ring, publishedAt), now, decision, risk);
      }
      case 'switching':
        return finishSwitch(phase.signing);
      case 'switched':
        return done('The next media key signs already.');
    }
  },

  retire(phase, { now }) {
    switch (phase.kind) {
      case 'steady':
        return done('No old media key has a slot.');
      case 'switched': {
        const old = otherSlot(phase.signing.slot);
        const decision = act(
          [{ kind: 'replace', name: PUBLIC_KEY_IN[old], value: NO_KEY }],
          `Emptied slot ${old}. After the next deployment, CloudFront refuses what its key signed.`,
        );
        const risk =
          'Until then, learners may hold valid grants of the old key, which would be refused after the next deployment.';
        return waitUntil(mayRetireFrom(phase.since), now, decision, risk);
      }
      default:
        return refused('There is no old media key to retire.');
    }
  },
};

function create(phase: MediaPhase, { ring, createKey }: MediaSituation): Decision {
  switch (phase.kind) {
    case 'missing':
      return createFirst(ring, createKey);
    case 'unpublished': {
      const { signing } = phase;
      if (isTaken(ring, signing)) return foreignKey(signing.slot);
      return act(prepareSlots(ring, signing), `Published the media key that signs, in slot ${signing.slot}.`);
    }
    case 'switching':
      return finishSwitch(phase.signing);
    default:
      return done('The media key exists already.');
  }
}

/** Stores the key, then publishes it, then signs with it, as for access tokens. */
function createFirst(ring: MediaKeyRing, createKey: MediaSituation['createKey']): Decision {
  const free = SLOTS.find((slot) => !isDeployed(ring, slot) && !ring.slots[slot]?.publicKey);
  if (ring.next === null && free === undefined) return foreignKey('a');
  const key = ring.next ?? createKey(free ?? 'a');
  if (isTaken(ring, key)) return foreignKey(key.slot);
  const store: readonly Change[] = ring.next ? [] : [{ kind: 'add', name: NEXT_MEDIA_KEY, value: key.text }];
  const sign: Change = { kind: 'add', name: MEDIA_SIGNING_KEY, value: key.text };
  const changes = [...store, ...prepareSlots(ring, key), sign, REMOVE_NEXT_KEY];
  return act(changes, `Created the media key in slot ${key.slot}, which signs grants from now on.`);
}

/** Returns the writes that put the key in its slot and set the other slot. A deployment needs both. */
function prepareSlots(ring: MediaKeyRing, key: MediaKey): readonly Change[] {
  const other = otherSlot(key.slot);
  return [
    ...(isPublished(ring, key) ? [] : [publication(ring, key)]),
    ...(ring.slots[other] === null ? [{ kind: 'add', name: PUBLIC_KEY_IN[other], value: NO_KEY } as const] : []),
  ];
}

/** Returns the write that puts the key in its slot. */
function publication({ slots }: MediaKeyRing, { slot, publicKey }: MediaKey): Change {
  return { kind: slots[slot] === null ? 'add' : 'replace', name: PUBLIC_KEY_IN[slot], value: publicKey };
}

function nextKeyPublished({ slot }: MediaKey, changes: readonly Change[]): Decision {
  return act(changes, `Published the next media key, for slot ${slot}. Nothing is signed with it yet.`);
}

function finishSwitch({ slot }: MediaKey): Decision {
  return act([REMOVE_NEXT_KEY], `Finished the interrupted switch: the key in slot ${slot} signs.`);
}

function deployFirst(slot: Slot): Decision {
  return refused(
    `CloudFront still has the retired key in slot ${slot} and cannot replace a key: deploy first, which empties the slot.`,
  );
}

function foreignKey(slot: Slot): Decision {
  return refused(
    `Slot ${slot} holds a key whose private half is not here. If nobody needs it, set ${PUBLIC_KEY_IN[slot]} to ${NO_KEY}, deploy, and run \`create\` again.`,
  );
}

/** Tells whether the key's slot is set to another key. */
function isTaken(ring: MediaKeyRing, key: MediaKey): boolean {
  return Boolean(ring.slots[key.slot]?.publicKey) && !isPublished(ring, key);
}

/**
 * Tells whether CloudFront has a key in this slot. That is the key of the slot if the slot has not changed since the
 * last deployment.
 */
function isDeployed({ deployed }: MediaKeyRing, slot: Slot): boolean {
  return Boolean(deployed?.ids[slot]);
}

function maySwitchFrom({ deployed }: MediaKeyRing, publishedAt: Date): Date {
  const deployedAt = deployed?.since ?? publishedAt;
  return secondsAfter(deployedAt > publishedAt ? deployedAt : publishedAt, MEDIA_SWITCH_DELAY_SECONDS);
}

function mayRetireFrom(since: Date): Date {
  return secondsAfter(since, MEDIA_RETIRE_DELAY_SECONDS);
}

const REMOVE_NEXT_KEY: Change = { kind: 'remove', name: NEXT_MEDIA_KEY };
const DEPLOY: NextStep = { step: 'deploy', from: null };
