/** Returns ` (did you mean "durationSeconds"?)` if one of the names is similar, else an empty string. */
export function didYouMean(given: string, names: Iterable<string>): string {
  // Up to a third of the letters wrong counts as a typing error, but never more than three.
  const furthest = Math.min(3, Math.ceil(given.length / 3));
  const [nearest] = [...names]
    .map((name) => ({ name, distance: editDistance(given.toLowerCase(), name.toLowerCase()) }))
    .filter(({ distance }) => distance <= furthest)
    .sort((a, b) => a.distance - b.distance);
  return nearest === undefined ? '' : ` (did you mean "${nearest.name}"?)`;
}

/** Counts the letters to insert, delete or replace to turn one word into the other (Levenshtein distance). */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const changed = at(row, j - 1) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(changed, at(row, j) + 1, at(next, j - 1) + 1));
    }
    row = next;
  }
  return at(row, b.length);
}

function at(row: readonly number[], index: number): number {
  return row[index] ?? Number.POSITIVE_INFINITY;
}
