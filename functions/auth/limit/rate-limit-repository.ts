import { query } from '../../../shared/db/client.ts';
import { COLLECTIONS, collection } from '../../../shared/db/collections.ts';

/** The state of a counter. */
export interface Count {
  readonly count: number;
  readonly windowEndsAt: Date;
}

/** Increments a counter, in a new window if there is none in progress. Atomic across containers. */
export async function increment(id: string, windowSeconds: number, now: Date): Promise<Count> {
  const isOpen = { $gt: ['$windowEndsAt', now] };
  const newEnd = new Date(now.getTime() + windowSeconds * 1000);
  const counted = await query((db) =>
    collection(db, COLLECTIONS.rateLimits).findOneAndUpdate(
      { _id: id },
      [
        {
          $set: {
            count: { $cond: [isOpen, { $add: ['$count', 1] }, 1] },
            windowEndsAt: { $cond: [isOpen, '$windowEndsAt', newEnd] },
          },
        },
      ],
      { upsert: true, returnDocument: 'after' },
    ),
  );
  return counted ?? { count: 1, windowEndsAt: newEnd };
}

/** Removes one counter and decrements the others. */
export async function refund(removed: string, decremented: readonly string[]): Promise<void> {
  await query((db) =>
    collection(db, COLLECTIONS.rateLimits).bulkWrite(
      [
        { deleteOne: { filter: { _id: removed } } },
        ...decremented.map((_id) => ({
          updateOne: { filter: { _id, count: { $gt: 0 } }, update: { $inc: { count: -1 } } },
        })),
      ],
      { ordered: false },
    ),
  );
}
