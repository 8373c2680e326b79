import { query } from '../db/client.ts';
import { COLLECTIONS, collection } from '../db/collections.ts';

/**
 * Whether an account still exists, asked after the first write of something that is its own. It is asked by a write:
 * an erasure of the account at the same moment has either seen what was written, or is over by then, or meets this write
 * and begins again. A read would see the account of an erasure that is under way and has not seen what was written.
 * @throws Problem `unavailable`.
 */
export async function confirmAccount(userId: string): Promise<boolean> {
  const { matchedCount } = await query((db) =>
    collection(db, COLLECTIONS.users).updateOne({ _id: userId }, { $inc: { touches: 1 } }),
  );
  return matchedCount === 1;
}
