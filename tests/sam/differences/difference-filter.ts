import type { Difference } from './differences.ts';
import type { KnownDifference, Scenario, Side } from './known-differences.ts';

/** Separates known differences from unexpected ones, and records which known ones have occurred. */
export interface DifferenceFilter {
  /** Returns the differences that no known one explains. */
  unexpected(side: Side, scenario: Scenario, differences: readonly Difference[]): readonly Difference[];
  /** Returns the parts of known differences that never occurred. */
  unused(): readonly { readonly known: KnownDifference; readonly part: string }[];
}

export function createDifferenceFilter(knownDifferences: readonly KnownDifference[]): DifferenceFilter {
  const usedParts = new Map<KnownDifference, Set<string>>(knownDifferences.map((known) => [known, new Set()]));
  return {
    unexpected(side, scenario, differences) {
      const candidates = knownDifferences.filter((known) => known.side === side && known.scenarios.includes(scenario));
      return differences.filter((difference) => {
        const explaining = candidates.filter((known) => explains(known, difference));
        for (const known of explaining) usedParts.get(known)?.add(difference.part);
        return explaining.length === 0;
      });
    },
    unused: () =>
      knownDifferences.flatMap((known) =>
        Object.keys(known.parts)
          .filter((part) => !usedParts.get(known)?.has(part))
          .map((part) => ({ known, part })),
      ),
  };
}

function explains({ parts }: KnownDifference, { part, gateway, sam }: Difference): boolean {
  const patterns = Object.hasOwn(parts, part) ? parts[part] : undefined;
  return patterns !== undefined && matches(patterns[0], gateway) && matches(patterns[1], sam);
}

function matches(expected: RegExp | null, value: string | null): boolean {
  return expected === null || value === null ? expected === value : expected.test(value);
}
