import { seededRandom } from '../catalog/random.ts';
import { median } from '../measuring/statistics.ts';

/** How far two series of answers, asked for in pairs, are apart. */
export interface Difference {
  /** The median of the first less that of the second. */
  readonly ofMedians: number;
  /**
   * How often, of random deals, the medians are as far apart: in a deal each pair is swapped or left as it is (a
   * permutation test). From 1 for the same to 0 for what no deal comes up to, and anyone could tell.
   */
  readonly shareOfDeals: number;
}

const DEALS = 5000;

export function differenceOf(first: readonly number[], second: readonly number[]): Difference {
  const ofMedians = median(first) - median(second);
  const random = seededRandom(1);
  let asFarApart = 0;
  for (let deal = 0; deal < DEALS; deal += 1) {
    const swaps = first.map(() => random() < 0.5);
    const one = first.map((value, index) => (swaps[index] ? (second[index] ?? value) : value));
    const other = second.map((value, index) => (swaps[index] ? (first[index] ?? value) : value));
    if (Math.abs(median(one) - median(other)) >= Math.abs(ofMedians)) asFarApart += 1;
  }
  return { ofMedians, shareOfDeals: asFarApart / DEALS };
}
