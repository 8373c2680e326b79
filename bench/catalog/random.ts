/** Numbers from 0 up to 1 that look random and are the same on every run (mulberry32 by Tommy Ettinger). */
export function seededRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** One of a list, by the weight of each. */
export function pickWeighted<Item>(random: () => number, weights: readonly (readonly [Item, number])[]): Item {
  const total = weights.reduce((sum, [, weight]) => sum + weight, 0);
  let left = random() * total;
  for (const [item, weight] of weights) {
    left -= weight;
    if (left < 0) return item;
  }
  throw new Error('There is nothing to pick from');
}

/** One of a list; the first are likelier, as words and subjects are: the weight of the n-th is 1/n (Zipf). */
export function pickRanked<Item>(random: () => number, items: readonly Item[]): Item {
  // The inverse of the logarithm, which is what the sums of 1/n grow by.
  const rank = Math.floor((items.length + 1) ** random()) - 1;
  const item = items[Math.min(rank, items.length - 1)];
  if (item === undefined) throw new Error('There is nothing to pick from');
  return item;
}
