import type { Change } from './secret-store.ts';

/** The steps of a rotation, in order. */
export const STEPS = ['create', 'publish', 'switch', 'retire'] as const;
export type Step = (typeof STEPS)[number];

/** What a step does, with a message for the person who runs it. */
export type Decision =
  | { readonly kind: 'act'; readonly changes: readonly Change[]; readonly message: string }
  | { readonly kind: 'done'; readonly message: string }
  | { readonly kind: 'too-early'; readonly until: Date; readonly message: string; readonly ifForced: Decision }
  | { readonly kind: 'refused'; readonly message: string };

export function act(changes: readonly Change[], message: string): Decision {
  return { kind: 'act', changes, message };
}

export function done(message: string): Decision {
  return { kind: 'done', message };
}

export function refused(message: string): Decision {
  return { kind: 'refused', message };
}

/** Allows the decision from `until` on. Earlier, it can be forced, and `message` says what that breaks. */
export function waitUntil(until: Date, now: Date, decision: Decision, message: string): Decision {
  return now >= until ? decision : { kind: 'too-early', until, message, ifForced: decision };
}
