/** ` (did you mean "durationSeconds"?)` when one of the names is near enough to be meant; nothing otherwise. */
export function didYouMean(given: string, names: Iterable<string>): string {
  // A third of the letters wrong is a slip; more is another word, and so are more than three.
  const furthest = Math.min(3, Math.ceil(given.length / 3));
  const [nearest] = [...names]
    .map((name) => ({ name, distance: editDistance(given.toLowerCase(), name.toLowerCase()) }))
    .filter(({ distance }) => distance <= furthest)
    .sort((a, b) => a.distance - b.distance);
  return nearest === undefined ? '' : ` (did you mean "${nearest.name}"?)`;
}

/** How many letters must be put in, taken out or changed to make one word of the other (Levenshtein). */
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
