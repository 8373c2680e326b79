import type { LessonRegisters } from '../../../shared/db/collections.ts';

/*
 * How what is known of a lesson grows with each event. Each register keeps the greatest of all values it was ever given
 * (the first completion the least) under one total order. To keep the greatest is commutative, associative and idempotent,
 * so any order, batching, repetition and division over devices of the same events ends in the same state.
 *
 * The database merges in the same way, with $max and $min of documents (progress-repository.ts): the order here is the
 * one that MongoDB has of them, field by field.
 */

/** Nothing known yet: the neutral element of {@link merge}. */
export const NOTHING: LessonRegisters = { position: null, furthest: null, completion: null, firstCompletion: null };

/** What is known of a lesson from two sources together. */
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

/** Whether a key comes before another: by the first part in which they differ. */
function isLess(a: Key, b: Key): boolean {
  for (const [index, part] of a.entries()) {
    const other = b[index] as typeof part;
    if (part !== other) return part < other;
  }
  return false;
}
