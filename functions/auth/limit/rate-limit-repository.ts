import { query } from '../../../shared/db/client.ts';
import { COLLECTIONS, collection } from '../../../shared/db/collections.ts';

/** How a counter stands. */
export interface Count {
  readonly count: number;
  readonly windowEndsAt: Date;
}

/** Counts one more, in a new window when there is none or it is over. Atomic, over any number of containers. */
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

/** Forgets one counter, and takes one back from each of the others. */
export async function settle(forgotten: string, takenBack: readonly string[]): Promise<void> {
  await query((db) =>
    collection(db, COLLECTIONS.rateLimits).bulkWrite(
      [
        { deleteOne: { filter: { _id: forgotten } } },
        ...takenBack.map((_id) => ({
          updateOne: { filter: { _id, count: { $gt: 0 } }, update: { $inc: { count: -1 } } },
        })),
      ],
      { ordered: false },
    ),
  );
}
