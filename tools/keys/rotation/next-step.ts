/** The next step of a rotation, and the earliest time for it. Null for any time. */
export interface NextStep {
  readonly step: string;
  readonly from: Date | null;
}

export function describeNextStep({ step, from }: NextStep, now: Date): string {
  if (from === null) return `Next step: ${step}`;
  const when = now >= from ? 'at any time' : `from ${formatTime(from)} (in ${secondsUntil(from, now)} s)`;
  return `Next step: ${step}, ${when}`;
}

/** Formats a time in UTC, to the second: `2026-11-23 08:30:00Z`. */
export function formatTime(date: Date): string {
  return date.toISOString().replace('T', ' ').replace(/\.\d+/, '');
}

export function secondsUntil(date: Date, now: Date): number {
  return Math.ceil((date.getTime() - now.getTime()) / 1000);
}

export function secondsAfter(date: Date, seconds: number): Date {
  return new Date(date.getTime() + seconds * 1000);
}
