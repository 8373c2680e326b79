import type { NextStep } from '../rotation/decision.ts';
import { type KeyRing, oldKeyIds } from './key-ring.ts';
import { nextStep } from './key-rotation.ts';

/** Describes the access-token keys for `show`. It never shows more of a key than its id. */
export function describeKeys(ring: KeyRing, now: Date): readonly string[] {
  const { signing, next, published } = ring;
  const isPublished = (kid: string) => published?.keys.has(kid) ?? false;
  return [
    'Keys of access tokens:',
    signing === null
      ? '  none signs'
      : `  signs  ${signing.key.kid}  since ${timeOf(signing.since)}${isPublished(signing.key.kid) ? '' : ', NOT PUBLISHED'}`,
    ...(next !== null && next.kid !== signing?.key.kid
      ? [`  next   ${next.kid}  ${isPublished(next.kid) ? 'published' : 'not published yet'}`]
      : []),
    ...oldKeyIds(ring).map((kid) => `  old    ${kid}  still accepted`),
    published === null ? '  none is published' : `  The published set is of ${timeOf(published.since)}.`,
    describeNextStep(nextStep(ring), now),
  ];
}

export function describeNextStep({ step, from }: NextStep, now: Date): string {
  if (from === null) return `Next step: ${step}`;
  const when = now >= from ? 'at any time' : `from ${timeOf(from)} (in ${secondsUntil(from, now)} s)`;
  return `Next step: ${step}, ${when}`;
}

/** Formats a time in UTC, to the second: `2026-11-23 08:30:00Z`. */
export function timeOf(date: Date): string {
  return date.toISOString().replace('T', ' ').replace(/\.\d+/, '');
}

export function secondsUntil(date: Date, now: Date): number {
  return Math.ceil((date.getTime() - now.getTime()) / 1000);
}
