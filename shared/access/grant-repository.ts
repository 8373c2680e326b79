import { query } from '../db/client.ts';
import { COLLECTIONS } from '../db/collections.ts';
import { unscopedCollection } from '../db/unscoped.ts';
import { touchAccount } from './caller-repository.ts';

/** A learner, and the course that they may read. */
export interface GrantKey {
  readonly userId: string;
  readonly courseId: string;
}

/**
 * Gives a learner access to a course, in one atomic update. It extends the current period if that lasts until `from` or
 * longer; otherwise that period moves to `earlier`. Returns false if there is no such account; then there is no grant.
 * @param from when access begins: now, or earlier for a late payment that covers what the learner did meanwhile
 * @param until when it ends, later than now. Null for access without an end.
 * @throws Problem `unavailable`.
 */
export async function beginAccess(
  { userId, courseId }: GrantKey,
  { from, until }: { readonly from: Date; readonly until: Date | null },
): Promise<boolean> {
  const filter = { _id: `${courseId}/${userId}` };
  // MongoDB orders null and missing values before dates.
  const isOver = { $and: [{ $gt: ['$expiresAt', null] }, { $lt: ['$expiresAt', from] }] };
  const periods = { $concatArrays: [{ $ifNull: ['$earlier', []] }, [{ from: '$createdAt', until: '$expiresAt' }]] };
  const extended = until && { $cond: [{ $eq: ['$expiresAt', null] }, null, { $max: ['$expiresAt', until] }] };
  const stage = {
    courseId,
    userId,
    earlier: { $cond: [isOver, periods, '$earlier'] },
    createdAt: { $cond: [isOver, from, { $min: ['$createdAt', from] }] },
    expiresAt: { $cond: [isOver, until, extended] },
  };
  const { upsertedCount } = await query((db) =>
    unscopedCollection(db, COLLECTIONS.grants).updateOne(filter, [{ $set: stage }], { upsert: true }),
  );
  // An erasure of the account at the same moment may have missed a new grant.
  if (upsertedCount === 0 || (await touchAccount(userId))) return true;
  await query((db) => unscopedCollection(db, COLLECTIONS.grants).deleteOne(filter));
  return false;
}

/**
 * Ends a learner's access to a course, unless it has ended before. The grant stays, with its time.
 * @throws Problem `unavailable`.
 */
export async function endAccess({ userId, courseId }: GrantKey, at: Date): Promise<void> {
  await query((db) =>
    unscopedCollection(db, COLLECTIONS.grants).updateOne({ _id: `${courseId}/${userId}` }, [
      // $min ignores null, which stands for no end.
      { $set: { expiresAt: { $min: ['$expiresAt', at] } } },
    ]),
  );
}
