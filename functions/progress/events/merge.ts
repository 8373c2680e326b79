import type { LessonRegisters } from '../../../shared/db/collections.ts';

/*
 * The progress of a lesson is a state-based CRDT of registers: `position`, `completion` and `reached` are
 * last-writer-wins (LWW) registers by time and event id, `furthest` and `unmeasured` are max registers,
 * `firstCompletion` and `firstReached` min registers. Each keeps the greatest (or least) value under one total order.
 * That is commutative, associative and idempotent, so the same events end in the same state whatever their order,
 * batching, repetition and distribution over devices.
 *
 * The database merges in the same way, by $max and $min of documents (progress-repository.ts). The order here is the
 * one in which MongoDB compares documents: field by field. Only the database adds up playing time, since only there it
 * is certain which events have been counted.
 */

/** All registers of a lesson, as one or more events alone would give them. */
export type LessonEffect = Required<LessonRegisters>;

/** The registers before any event: the neutral element of {@link merge}. */
export const EMPTY: LessonEffect = {
  position: null,
  furthest: null,
  completion: null,
  firstCompletion: null,
  reached: null,
  firstReached: null,
  unmeasured: 0,
};

/** Merges two states of one lesson. */
export function merge(a: LessonEffect, b: LessonEffect): LessonEffect {
  return {
    position: greatest(a.position, b.position, ({ at, by, value }) => [at.getTime(), by, value]),
    furthest: greatest(a.furthest, b.furthest, ({ value, by }) => [value, by]),
    completion: greatest(a.completion, b.completion, completionKey),
    firstCompletion: least(a.firstCompletion, b.firstCompletion, ({ at, by }) => [at.getTime(), by]),
    reached: greatest(a.reached, b.reached, completionKey),
    firstReached: least(a.firstReached, b.firstReached, ({ at, by }) => [at.getTime(), by]),
    unmeasured: Math.max(a.unmeasured, b.unmeasured),
  };
}

type Key = readonly (number | string)[];

function completionKey({ at, by, completed }: NonNullable<LessonRegisters['completion']>): Key {
  return [at.getTime(), by, Number(completed)];
}

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
