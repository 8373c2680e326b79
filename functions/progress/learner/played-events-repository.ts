import type { Document } from 'mongodb';

/*
 * `playedEvents` is a set of event digests that an update can search and extend. It is divided by the first character
 * of a digest, which stays the same whenever and by whatever clock an event is sent again. Each part is one string,
 * which takes half the space of an array. Digests come from SHA-256, so one that seems to span two neighbors is as
 * unlikely as two equal ones.
 */

/** An expression for the text of a part. */
export function textOf(part: string): Document {
  return { $ifNull: [`$playedEvents.${part}`, ''] };
}

/** An expression that tells whether a part contains a digest, which is given as an expression. */
export function contains(part: string, digest: string): Document {
  return { $gte: [{ $indexOfBytes: [textOf(part), digest] }, 0] };
}

/** Groups items by the part to which their digests belong. */
export function byPart<T>(items: readonly T[], digestOf: (item: T) => string): ReadonlyMap<string, readonly T[]> {
  const parts = new Map<string, T[]>();
  for (const item of items) {
    const part = digestOf(item).slice(0, 1);
    const others = parts.get(part);
    if (others === undefined) parts.set(part, [item]);
    else others.push(item);
  }
  return parts;
}

/** An expression for those of the digests that are in the set. */
export function playedOf(digests: readonly string[]): Document {
  const found = [...byPart(digests, (digest) => digest)].map(([part, own]) => ({
    $filter: { input: { $literal: own }, cond: contains(part, '$$this') },
  }));
  return { $cond: [{ $gt: ['$playedEvents', {}] }, { $concatArrays: found }, []] };
}
