import type { Change } from './secret-store.ts';

/** The steps of a rotation, in order. */
export const STEPS = ['create', 'publish', 'switch', 'retire'] as const;
export type Step = (typeof STEPS)[number];

/** The result of a decision. */
export type Decision =
  | { readonly kind: 'act'; readonly changes: readonly Change[]; readonly says: string }
  | { readonly kind: 'done'; readonly says: string }
  | { readonly kind: 'too-early'; readonly until: Date; readonly says: string; readonly ifForced: Decision }
  | { readonly kind: 'refused'; readonly says: string };

/** The next step, and the earliest time for it. Null for any time. */
export interface NextStep {
  readonly step: string;
  readonly from: Date | null;
}

/** The step is allowed from that time on. `why` explains the wait. */
export function actFrom(until: Date, now: Date, act: Decision, why: string): Decision {
  return now >= until ? act : { kind: 'too-early', until, says: why, ifForced: act };
}

export function secondsAfter(date: Date, seconds: number): Date {
  return new Date(date.getTime() + seconds * 1000);
}
