import type { Deviation } from './deviations.ts';
import type { Difference, Occasion, Side } from './differences.ts';

/** Separates known differences from unknown ones, and records which have occurred. */
export interface Ledger {
  /** Returns the deviations that no listed difference explains. */
  unexplained(side: Side, occasion: Occasion, deviations: readonly Deviation[]): readonly Deviation[];
  /** Returns the listed differences, or parts of them, that never occurred. */
  unseen(): readonly { readonly difference: Difference; readonly part: string }[];
}

export function createLedger(differences: readonly Difference[]): Ledger {
  const seen = new Map<Difference, Set<string>>(differences.map((difference) => [difference, new Set()]));
  return {
    unexplained(side, occasion, deviations) {
      const candidates = differences.filter(
        (difference) => difference.side === side && difference.occasions.includes(occasion),
      );
      return deviations.filter((deviation) => {
        const explaining = candidates.filter((difference) => explains(difference, deviation));
        for (const difference of explaining) seen.get(difference)?.add(deviation.part);
        return explaining.length === 0;
      });
    },
    unseen: () =>
      differences.flatMap((difference) =>
        Object.keys(difference.parts)
          .filter((part) => !seen.get(difference)?.has(part))
          .map((part) => ({ difference, part })),
      ),
  };
}

function explains({ parts }: Difference, { part, gateway, sam }: Deviation): boolean {
  const values = Object.hasOwn(parts, part) ? parts[part] : undefined;
  return values !== undefined && matches(values[0], gateway) && matches(values[1], sam);
}

function matches(expected: RegExp | null, value: string | null): boolean {
  return expected === null || value === null ? expected === value : expected.test(value);
}
