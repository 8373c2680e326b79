import { MongoServerError } from 'mongodb';
import type { Caller } from '../../../shared/auth/caller.ts';
import { query } from '../../../shared/db/client.ts';
import { COLLECTIONS, ownedCollection, type UserDocument } from '../../../shared/db/collections.ts';
import { unscopedCollection } from '../../../shared/db/unscoped.ts';

/** Networks that an account remembers: more than a learner uses, few enough to store in the document. */
const MAX_KNOWN_NETWORKS = 20;

/** MongoDB's error code of a write that a unique index refuses (MongoDB manual, "Error Codes"). */
const DUPLICATE_KEY = 11_000;

/** Inserts an account, unless its address is taken. */
export async function insertUser(user: UserDocument): Promise<'inserted' | 'email-taken'> {
  try {
    await query((db) => unscopedCollection(db, COLLECTIONS.users).insertOne(user));
    return 'inserted';
  } catch (error) {
    if (error instanceof MongoServerError && error.code === DUPLICATE_KEY) return 'email-taken';
    throw error;
  }
}

/** Finds the account of an address in its normal form. One round trip, by index. */
export function findUserByEmailKey(emailKey: string): Promise<UserDocument | null> {
  return query((db) => unscopedCollection(db, COLLECTIONS.users).findOne({ emailKey }));
}

/**
 * Remembers a network that has signed in, as the latest of at most {@link MAX_KNOWN_NETWORKS}. Returns the updated
 * account, or null if it no longer exists.
 */
export function rememberNetwork(userId: string, network: string): Promise<UserDocument | null> {
  const others = { $filter: { input: '$knownNetworks', cond: { $ne: ['$$this', network] } } };
  const knownNetworks = { $slice: [{ $concatArrays: [others, [network]] }, -MAX_KNOWN_NETWORKS] };
  const touches = { $add: [{ $ifNull: ['$touches', 0] }, 1] };
  return query((db) =>
    unscopedCollection(db, COLLECTIONS.users).findOneAndUpdate(
      { _id: userId },
      [{ $set: { knownNetworks, touches } }],
      {
        returnDocument: 'after',
      },
    ),
  );
}

/** Replaces a password hash with a stronger one, unless the password was changed meanwhile. */
export async function replacePasswordHash(userId: string, from: string, to: string): Promise<void> {
  await query((db) =>
    unscopedCollection(db, COLLECTIONS.users).updateOne(
      { _id: userId, passwordHash: from },
      { $set: { passwordHash: to } },
    ),
  );
}

/** Ends every session and every token of the caller's account: none of them has the new epoch. */
export async function raiseTokenEpoch(caller: Caller): Promise<void> {
  await query((db) =>
    ownedCollection(db, COLLECTIONS.users, caller).updateOne({ _id: caller.userId }, { $inc: { tokenEpoch: 1 } }),
  );
}
