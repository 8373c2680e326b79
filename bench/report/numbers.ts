import type { Summary } from '../measuring/statistics.ts';

/** To three digits, which is more than a measurement is good for: `0.82`, `15.3`, `1,240`. */
export function rounded(value: number): string {
  if (!Number.isFinite(value)) return '–';
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2;
  return value.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

/** `15.3 (14.9–16.0)`: the median, and where the middle half of the measurements lies. */
export function withSpread({ median, lower, upper }: Summary): string {
  return `${rounded(median)} (${rounded(lower)}–${rounded(upper)})`;
}

export function whole(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}

/** Whether a budget is met, in a word for a table. */
export function verdict(met: boolean): string {
  return met ? 'met' : '**missed**';
}
