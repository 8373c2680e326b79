import { MongoServerError } from 'mongodb';
import { query } from '../../../shared/db/client.ts';
import { COLLECTIONS, collection, type UserDocument } from '../../../shared/db/collections.ts';

/** Networks an account remembers: more than a learner uses, few enough to hold in the document. */
const MAX_KNOWN_NETWORKS = 20;

const DUPLICATE_KEY = 11_000;

/** Adds an account, unless its address has one. */
export async function insertUser(user: UserDocument): Promise<'inserted' | 'email-taken'> {
  try {
    await query((db) => collection(db, COLLECTIONS.users).insertOne(user));
    return 'inserted';
  } catch (error) {
    if (error instanceof MongoServerError && error.code === DUPLICATE_KEY) return 'email-taken';
    throw error;
  }
}

/** The account of an address in its normal form, or null. One round trip, by index. */
export function findUserByEmailKey(emailKey: string): Promise<UserDocument | null> {
  return query((db) => collection(db, COLLECTIONS.users).findOne({ emailKey }));
}

/**
 * Remembers a network that has signed in, as the latest of at most {@link MAX_KNOWN_NETWORKS}. Answers the account as it
 * is then; null when it is gone.
 */
export function rememberNetwork(userId: string, network: string): Promise<UserDocument | null> {
  const others = { $filter: { input: '$knownNetworks', cond: { $ne: ['$$this', network] } } };
  const knownNetworks = { $slice: [{ $concatArrays: [others, [network]] }, -MAX_KNOWN_NETWORKS] };
  const touches = { $add: [{ $ifNull: ['$touches', 0] }, 1] };
  return query((db) =>
    collection(db, COLLECTIONS.users).findOneAndUpdate({ _id: userId }, [{ $set: { knownNetworks, touches } }], {
      returnDocument: 'after',
    }),
  );
}

/** Puts a hash in the place of the one it was made for; not if the password was changed in between. */
export async function replacePasswordHash(userId: string, from: string, to: string): Promise<void> {
  await query((db) =>
    collection(db, COLLECTIONS.users).updateOne({ _id: userId, passwordHash: from }, { $set: { passwordHash: to } }),
  );
}

/** Ends every session and every token of an account, by an epoch that none of them has. */
export async function raiseTokenEpoch(userId: string): Promise<void> {
  await query((db) => collection(db, COLLECTIONS.users).updateOne({ _id: userId }, { $inc: { tokenEpoch: 1 } }));
}
