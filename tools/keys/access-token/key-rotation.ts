import { contract } from '../../../functions/auth/contract.ts';
import { MAX_AGE_MS as SIGNING_KEY_MAX_AGE_MS } from '../../../functions/auth/token/access-token-key.ts';
import { MAX_AGE_MS as KEY_SET_MAX_AGE_MS } from '../../../functions/auth/token/public-key-set.ts';
import { REFETCH_INTERVAL_MS } from '../../../shared/auth/public-keys.ts';
import { LEEWAY_SECONDS, MAX_ACCEPTED_LIFETIME_SECONDS } from '../../../shared/auth/verify-access-token.ts';
import { actFrom, type Decision, type NextStep, type Step, secondsAfter } from '../rotation/decision.ts';
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

/** How long the stage cache, and then a client (max-age), may keep `/.well-known/jwks.json`. */
const { ttlSeconds: KEY_SET_CACHE_SECONDS } = contract.routes['GET /.well-known/jwks.json'].cache;

/**
 * How long the next key must be published before it signs, in seconds, so that every verifier knows it by then. Our
 * functions refetch unknown keys. Other verifiers read `/.well-known/jwks.json`, which may be old in the function, in
 * the stage cache and in the client.
 */
export const PUBLISHED_SECONDS = Math.max(
  REFETCH_INTERVAL_MS / 1000,
  KEY_SET_MAX_AGE_MS / 1000 + KEY_SET_CACHE_SECONDS + KEY_SET_CACHE_SECONDS,
);

/** How long a container may sign with the old key after a switch, in seconds. */
const SIGNING_KEY_MAX_AGE_SECONDS = SIGNING_KEY_MAX_AGE_MS / 1000;

/**
 * How long to wait between the switch and retiring the old key, in seconds: until the last token that a container
 * signed with it has expired on every clock. Counts with the longest lifetime that verifiers accept, because `auth` may
 * have issued longer tokens until lately.
 */
export const SWITCHED_SECONDS = SIGNING_KEY_MAX_AGE_SECONDS + MAX_ACCEPTED_LIFETIME_SECONDS + LEEWAY_SECONDS;

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

const done =
  (says: string): Rule =>
  () => ({ kind: 'done', says });
const refused =
  (says: string): Rule =>
  () => ({ kind: 'refused', says });

const noKey = refused('There is no signing key yet: run `create` first.');
const notPublished = refused(
  'The key that signs is not published, so no token is accepted: run `create`, which mends it.',
);
const switchAgain = refused('The last switch was interrupted: run `switch` again first.');
const nothingOld = refused('There is no old key to retire.');
const isThere = done('The signing key is there already.');

const RULES: Readonly<Record<Step, Readonly<Record<Phase, Rule>>>> = {
  create: {
    missing: createSigningKey,
    unpublished: publishSigningKey,
    steady: isThere,
    publishing: isThere,
    published: isThere,
    switching: finishSwitch,
    switched: isThere,
  },
  publish: {
    missing: noKey,
    unpublished: notPublished,
    steady: publishNewKey,
    publishing: publishKeptKey,
    published: done('The next key is published already.'),
    switching: switchAgain,
    switched: refused('The old key of the last rotation is still published: run `retire` first.'),
  },
  switch: {
    missing: noKey,
    unpublished: notPublished,
    steady: refused('There is no next key to switch to: run `publish` first.'),
    publishing: refused('The next key was made and not published: run `publish` again first.'),
    published: switchWhenKnown,
    switching: finishSwitch,
    switched: done('The next key signs already.'),
  },
  retire: {
    missing: noKey,
    unpublished: notPublished,
    steady: done('No old key is published.'),
    publishing: nothingOld,
    published: nothingOld,
    switching: switchAgain,
    switched: retireWhenUnused,
  },
};

/**
 * The new key is first stored, then published, then used: whatever was written last, nothing signs with an unknown key.
 */
function createSigningKey({ ring, createKey }: Situation): Decision {
  const key = ring.next ?? createKey();
  const keep: readonly Change[] = ring.next ? [] : [{ kind: 'add', name: NEXT_KEY, value: key.text }];
  const sign: Change = { kind: 'add', name: SIGNING_KEY, value: key.text };
  const changes = [...keep, publishing(ring, key), sign, FORGET_NEXT];
  return { kind: 'act', changes, says: `Made the key ${key.kid}, which signs access tokens from now on.` };
}

function publishSigningKey({ ring }: Situation): Decision {
  const { key } = present(ring.signing);
  return { kind: 'act', changes: [publishing(ring, key)], says: `Published ${key.kid}, which signs.` };
}

function publishNewKey({ ring, createKey }: Situation): Decision {
  const key = createKey();
  return published(key, [{ kind: 'add', name: NEXT_KEY, value: key.text }, publishing(ring, key)]);
}

function publishKeptKey({ ring }: Situation): Decision {
  const key = present(ring.next);
  return published(key, [publishing(ring, key)]);
}

function published({ kid }: PrivateKey, changes: readonly Change[]): Decision {
  return { kind: 'act', changes, says: `Published the next key, ${kid}. Nothing is signed with it yet.` };
}

function switchWhenKnown({ ring, now }: Situation): Decision {
  const key = present(ring.next);
  const sign: Change = { kind: 'replace', name: SIGNING_KEY, value: key.text };
  const act: Decision = {
    kind: 'act',
    changes: [sign, FORGET_NEXT],
    says: `${key.kid} signs from now on. Running containers switch to it within ${SIGNING_KEY_MAX_AGE_SECONDS} s.`,
  };
  const why =
    'Until then some who verify tokens may not know the next key, and would refuse what it signed for up to a minute.';
  return actFrom(maySwitchFrom(ring), now, act, why);
}

function finishSwitch({ ring }: Situation): Decision {
  const { key } = present(ring.signing);
  return { kind: 'act', changes: [FORGET_NEXT], says: `${key.kid} signs: what was interrupted is finished.` };
}

function retireWhenUnused({ ring, now }: Situation): Decision {
  const old = new Set(oldKeyIds(ring));
  const keys = new Map([...present(ring.published).keys].filter(([kid]) => !old.has(kid)));
  const act: Decision = {
    kind: 'act',
    changes: [{ kind: 'replace', name: PUBLIC_KEYS, value: writeKeySet(keys) }],
    says: `Retired ${[...old].join(', ')}.`,
  };
  const why = 'Until then learners may hold good tokens of the old key, which would be refused.';
  return actFrom(mayRetireFrom(ring), now, act, why);
}

function maySwitchFrom({ published: set }: KeyRing): Date {
  return secondsAfter(present(set).since, PUBLISHED_SECONDS);
}

function mayRetireFrom({ signing }: KeyRing): Date {
  return secondsAfter(present(signing).since, SWITCHED_SECONDS);
}

const FORGET_NEXT: Change = { kind: 'remove', name: NEXT_KEY };

/** Returns the key set with this key added. */
function publishing({ published: set }: KeyRing, { kid, publicKey }: PrivateKey): Change {
  const keys = new Map([...(set?.keys ?? []), [kid, publicKey]]);
  return { kind: set === null ? 'add' : 'replace', name: PUBLIC_KEYS, value: writeKeySet(keys) };
}

/** Describes the keys of a phase. */
function present<T>(value: T | null): T {
  if (value === null) throw new Error('The keys are not what their phase says');
  return value;
}
