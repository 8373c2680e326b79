import type { LessonRegisters } from '../../../shared/db/collections.ts';

/*
 * The progress of a lesson is a state-based CRDT of four registers: `position` and `completion` are last-writer-wins (LWW)
 * registers by time and event id, `furthest` is a max register, `firstCompletion` a min register. Each keeps the greatest (or
 * least) value under one total order. That is commutative, associative and idempotent, so the same events end in the same
 * state whatever their order, batching, repetition and distribution over devices.
 *
 * The database merges in the same way, by $max and $min of documents (progress-repository.ts). The order here is the one in
 * which MongoDB compares documents: field by field.
 */

/** The registers before any event: the neutral element of {@link merge}. */
export const EMPTY: LessonRegisters = { position: null, furthest: null, completion: null, firstCompletion: null };

/** Merges two states of one lesson. */
export function merge(a: LessonRegisters, b: LessonRegisters): LessonRegisters {
  return {
    position: greatest(a.position, b.position, ({ at, by, value }) => [at.getTime(), by, value]),
    furthest: greatest(a.furthest, b.furthest, ({ value, by }) => [value, by]),
    completion: greatest(a.completion, b.completion, ({ at, by, completed }) => [at.getTime(), by, Number(completed)]),
    firstCompletion: least(a.firstCompletion, b.firstCompletion, ({ at, by }) => [at.getTime(), by]),
  };
}

type Key = readonly (number | string)[];

function greatest<T>(a: T | null, b: T | null, keyOf: (value: T) => Key): T | null {
  if (a === null || b === null) return a ?? b;
  return isLess(keyOf(a), keyOf(b)) ? b : a;
}

function least<T>(a: T | null, b: T | null, keyOf: (value: T) => Key): T | null {
  if (a === null || b === null) return a ?? b;
  return isLess(keyOf(b), keyOf(a)) ? b : a;
}

/** Compares two keys by the first part in which they differ. */
function isLess(a: Key, b: Key): boolean {
  for (const [index, part] of a.entries()) {
    const other = b[index] as typeof part;
    if (part !== other) return part < other;
  }
  return false;
}
