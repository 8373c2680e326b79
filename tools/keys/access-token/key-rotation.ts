import { MAX_AGE_MS as SIGNING_KEY_MAX_AGE_MS } from '../../../functions/auth/token/access-token-key.ts';
import { MAX_AGE_MS as KEY_SET_MAX_AGE_MS } from '../../../functions/auth/token/public-key-set.ts';
import { REFETCH_INTERVAL_MS } from '../../../shared/auth/public-keys.ts';
import { LEEWAY_SECONDS, MAX_ACCEPTED_LIFETIME_SECONDS } from '../../../shared/auth/verify-access-token.ts';
import { act, type Decision, done, refused, type Step, waitUntil } from '../rotation/decision.ts';
import { type NextStep, secondsAfter } from '../rotation/next-step.ts';
import type { Change } from '../rotation/secret-store.ts';
import {
  type KeyRing,
  NEXT_KEY,
  oldKeyIds,
  type PrivateKey,
  PUBLIC_KEYS,
  SIGNING_KEY,
  writeKeySet,
} from './key-ring.ts';

/**
 * The caches that hold `/.well-known/jwks.json` one after another: the function, the stage cache, and the client
 * (max-age). All keep it for the same time.
 */
const KEY_SET_CACHES = 3;

/**
 * How long to wait between publishing the next key and signing with it, in seconds, so that every verifier knows it by
 * then. Our functions refetch unknown keys. Other verifiers read the key set through its caches.
 */
export const SWITCH_DELAY_SECONDS = Math.max(REFETCH_INTERVAL_MS, KEY_SET_CACHES * KEY_SET_MAX_AGE_MS) / 1000;

/** How long a container may sign with the old key after a switch, in seconds. */
const SIGNING_KEY_MAX_AGE_SECONDS = SIGNING_KEY_MAX_AGE_MS / 1000;

/**
 * How long to wait between the switch and retiring the old key, in seconds: until the last token that a container
 * signed with it has expired on every clock. Counts with the longest lifetime that verifiers accept, because `auth` may
 * have issued longer tokens until lately.
 */
export const RETIRE_DELAY_SECONDS = SIGNING_KEY_MAX_AGE_SECONDS + MAX_ACCEPTED_LIFETIME_SECONDS + LEEWAY_SECONDS;

/** The state of a rotation. Phases in `-ing` are steps that started and did not finish; they run again. */
export type Phase = 'missing' | 'unpublished' | 'steady' | 'publishing' | 'published' | 'switching' | 'switched';

export function phaseOf(ring: KeyRing): Phase {
  const { signing, next, published } = ring;
  if (signing === null) return 'missing';
  if (!published?.keys.has(signing.key.kid)) return 'unpublished';
  if (next?.kid === signing.key.kid) return 'switching';
  if (next !== null) return published.keys.has(next.kid) ? 'published' : 'publishing';
  return oldKeyIds(ring).length > 0 ? 'switched' : 'steady';
}

/** The facts for a decision. `createKey` makes a new private key. */
export interface Situation {
  readonly ring: KeyRing;
  readonly now: Date;
  readonly createKey: () => PrivateKey;
}

type Rule = (situation: Situation) => Decision;

/**
 * Decides what a step does in the present state. The state comes from what is stored, never from memory, so that a step
 * that was interrupted or repeated ends as if it had run once.
 */
export function decide(step: Step, situation: Situation): Decision {
  return RULES[step][phaseOf(situation.ring)](situation);
}

/** Returns the next step, and the earliest time for it. */
export function nextStep(ring: KeyRing): NextStep & { readonly step: Step } {
  switch (phaseOf(ring)) {
    case 'missing':
    case 'unpublished':
      return { step: 'create', from: null };
    case 'steady':
    case 'publishing':
      return { step: 'publish', from: null };
    case 'published':
      return { step: 'switch', from: maySwitchFrom(ring) };
    case 'switching':
      return { step: 'switch', from: null };
    case 'switched':
      return { step: 'retire', from: mayRetireFrom(ring) };
  }
}

const noKey = always(refused('There is no signing key yet: run `create` first.'));
const notPublished = always(
  refused('The key that signs is not published, so no token is accepted: run `create`, which repairs it.'),
);
const switchAgain = always(refused('The last switch was interrupted: run `switch` again first.'));
const noOldKey = always(refused('There is no old key to retire.'));
const keyExists = always(done('The signing key exists already.'));

const RULES: Readonly<Record<Step, Readonly<Record<Phase, Rule>>>> = {
  create: {
    missing: createSigningKey,
    unpublished: publishSigningKey,
    steady: keyExists,
    publishing: keyExists,
    published: keyExists,
    switching: finishSwitch,
    switched: keyExists,
  },
  publish: {
    missing: noKey,
    unpublished: notPublished,
    steady: publishNewKey,
    publishing: publishStoredKey,
    published: always(done('The next key is published already.')),
    switching: switchAgain,
    switched: always(refused('The old key of the last rotation is still published: run `retire` first.')),
  },
  switch: {
    missing: noKey,
    unpublished: notPublished,
    steady: always(refused('There is no next key to switch to: run `publish` first.')),
    publishing: always(refused('The next key was created but not published: run `publish` again first.')),
    published: switchWhenKnown,
    switching: finishSwitch,
    switched: always(done('The next key signs already.')),
  },
  retire: {
    missing: noKey,
    unpublished: notPublished,
    steady: always(done('No old key is published.')),
    publishing: noOldKey,
    published: noOldKey,
    switching: switchAgain,
    switched: retireWhenUnused,
  },
};

function always(decision: Decision): Rule {
  return () => decision;
}

/**
 * Stores the key, then publishes it, then signs with it, so that no token has an unknown key, whichever write is last.
 */
function createSigningKey({ ring, createKey }: Situation): Decision {
  const key = ring.next ?? createKey();
  const store: readonly Change[] = ring.next ? [] : [{ kind: 'add', name: NEXT_KEY, value: key.text }];
  const sign: Change = { kind: 'add', name: SIGNING_KEY, value: key.text };
  const changes = [...store, publication(ring, key), sign, REMOVE_NEXT_KEY];
  return act(changes, `Created the key ${key.kid}, which signs access tokens from now on.`);
}

function publishSigningKey({ ring }: Situation): Decision {
  const { key } = present(ring.signing);
  return act([publication(ring, key)], `Published ${key.kid}, which signs.`);
}

function publishNewKey({ ring, createKey }: Situation): Decision {
  const key = createKey();
  return nextKeyPublished(key, [{ kind: 'add', name: NEXT_KEY, value: key.text }, publication(ring, key)]);
}

function publishStoredKey({ ring }: Situation): Decision {
  const key = present(ring.next);
  return nextKeyPublished(key, [publication(ring, key)]);
}

function nextKeyPublished({ kid }: PrivateKey, changes: readonly Change[]): Decision {
  return act(changes, `Published the next key, ${kid}. Nothing is signed with it yet.`);
}

function switchWhenKnown({ ring, now }: Situation): Decision {
  const key = present(ring.next);
  const sign: Change = { kind: 'replace', name: SIGNING_KEY, value: key.text };
  const decision = act(
    [sign, REMOVE_NEXT_KEY],
    `${key.kid} signs from now on. Running containers switch to it within ${SIGNING_KEY_MAX_AGE_SECONDS} s.`,
  );
  const risk = 'Until then, some verifiers may not know the next key. They would refuse its tokens for up to a minute.';
  return waitUntil(maySwitchFrom(ring), now, decision, risk);
}

function finishSwitch({ ring }: Situation): Decision {
  const { key } = present(ring.signing);
  return act([REMOVE_NEXT_KEY], `Finished the interrupted switch: ${key.kid} signs.`);
}

function retireWhenUnused({ ring, now }: Situation): Decision {
  const old = new Set(oldKeyIds(ring));
  const keys = new Map([...present(ring.published).keys].filter(([kid]) => !old.has(kid)));
  const decision = act(
    [{ kind: 'replace', name: PUBLIC_KEYS, value: writeKeySet(keys) }],
    `Retired ${[...old].join(', ')}.`,
  );
  const risk = 'Until then, learners may hold valid tokens of the old key, which would be refused.';
  return waitUntil(mayRetireFrom(ring), now, decision, risk);
}

function maySwitchFrom({ published: set }: KeyRing): Date {
  return secondsAfter(present(set).since, SWITCH_DELAY_SECONDS);
}

function mayRetireFrom({ signing }: KeyRing): Date {
  return secondsAfter(present(signing).since, RETIRE_DELAY_SECONDS);
}

const REMOVE_NEXT_KEY: Change = { kind: 'remove', name: NEXT_KEY };

/** Returns the write that adds this key to the published set. */
function publication({ published: set }: KeyRing, { kid, publicKey }: PrivateKey): Change {
  const keys = new Map([...(set?.keys ?? []), [kid, publicKey]]);
  return { kind: set === null ? 'add' : 'replace', name: PUBLIC_KEYS, value: writeKeySet(keys) };
}

/** Returns a key that exists in the phase of the rule. */
function present<T>(value: T | null): T {
  if (value === null) throw new Error('The keys do not match their phase');
  return value;
}
