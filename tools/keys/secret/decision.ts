import type { Change } from './secret-store.ts';

/** What changes keys, in the order of a rotation. */
export const STEPS = ['create', 'publish', 'switch', 'retire'] as const;
export type Step = (typeof STEPS)[number];

/** What a step comes to. */
export type Decision =
  | { readonly kind: 'act'; readonly changes: readonly Change[]; readonly says: string }
  | { readonly kind: 'done'; readonly says: string }
  | { readonly kind: 'too-early'; readonly until: Date; readonly says: string; readonly ifForced: Decision }
  | { readonly kind: 'refused'; readonly says: string };

/** What is due next, and the time from which it is allowed; null for any time. */
export interface NextStep {
  readonly step: string;
  readonly from: Date | null;
}

/** The act, from that time on. `why` says what would happen before. */
export function actFrom(until: Date, now: Date, act: Decision, why: string): Decision {
  return now >= until ? act : { kind: 'too-early', until, says: why, ifForced: act };
}

export function secondsAfter(date: Date, seconds: number): Date {
  return new Date(date.getTime() + seconds * 1000);
}
