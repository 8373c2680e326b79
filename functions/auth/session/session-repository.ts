import type { Document } from 'mongodb';
import type { Caller } from '../../../shared/auth/caller.ts';
import { query } from '../../../shared/db/client.ts';
import {
  COLLECTIONS,
  ownedCollection,
  type SessionDocument,
  type UserDocument,
} from '../../../shared/db/collections.ts';
import { unscopedCollection } from '../../../shared/db/unscoped.ts';

/** A session and its account. */
export interface SessionWithUser {
  readonly session: SessionDocument;
  readonly user: UserDocument;
}

export async function insertSession(session: SessionDocument): Promise<void> {
  await query((db) => unscopedCollection(db, COLLECTIONS.sessions).insertOne(session));
}

/**
 * Finds a session, ended or not, and its account. Null if either does not exist. One round trip, by `_id`. It reads only
 * rotations that survive the loss of a server: the answer to a concurrent request would otherwise give a token of a
 * generation that the database then forgets, and that token would be refused.
 */
export async function findSessionWithUser(sessionId: string): Promise<SessionWithUser | null> {
  const [found] = await query((db) =>
    unscopedCollection(db, COLLECTIONS.sessions)
      .aggregate<SessionDocument & { readonly user: readonly UserDocument[] }>(
        [
          { $match: { _id: sessionId } },
          { $lookup: { from: COLLECTIONS.users.name, localField: 'userId', foreignField: '_id', as: 'user' } },
        ],
        { readConcern: { level: 'majority' } },
      )
      .toArray(),
  );
  if (found === undefined) return null;
  const {
    user: [user],
    ...session
  } = found;
  return user === undefined ? null : { session, user };
}

/** The fields that a rotation changes. */
export type Rotation = Required<
  Pick<SessionDocument, 'generation' | 'rotatedAt' | 'attemptHash' | 'recentRotations' | 'lastUsedAt' | 'expiresAt'>
>;

/** Advances to the next generation, unless another request did so since the session was read. */
export async function rotateSession(
  { _id, generation }: SessionDocument,
  rotation: Rotation,
): Promise<'rotated' | 'changed'> {
  const { modifiedCount } = await query((db) =>
    unscopedCollection(db, COLLECTIONS.sessions).updateOne({ _id, generation }, { $set: rotation }),
  );
  return modifiedCount === 1 ? 'rotated' : 'changed';
}

/**
 * A stage for `requireCaller` that adds the account's active sessions to the caller's row, most recently used first.
 */
export function liveSessionsStage(userId: string, now: Date): Document {
  return {
    $lookup: {
      as: 'sessions',
      from: COLLECTIONS.sessions.name,
      let: { epoch: '$account.tokenEpoch' },
      pipeline: [
        { $match: { userId, expiresAt: { $gt: now }, $expr: { $eq: ['$epoch', '$$epoch'] } } },
        { $sort: { lastUsedAt: -1 } },
      ],
    },
  };
}

/** Ends one session of an account. */
export async function deleteSession(userId: string, sessionId: string): Promise<'deleted' | 'not-found'> {
  const { deletedCount } = await query((db) =>
    unscopedCollection(db, COLLECTIONS.sessions).deleteOne({ _id: sessionId, userId }),
  );
  return deletedCount === 1 ? 'deleted' : 'not-found';
}

/** Ends every session of an account. */
export async function deleteSessions(caller: Caller): Promise<void> {
  const { userId } = caller;
  await query((db) => ownedCollection(db, COLLECTIONS.sessions, caller).deleteMany({ userId }));
}

/**
 * Leaves a device one session of the account, the one that began last. If that is not the given session, ends it and
 * returns the later one. Concurrent sign-ins on one device agree on it in any order, and a first try that ends after its
 * retry does not end the retry's session. One round trip, or two.
 */
export async function keepLatestOfDevice(
  { _id, userId, deviceId, createdAt, epoch }: SessionDocument & { readonly deviceId: string },
  now: Date,
): Promise<SessionDocument | null> {
  const began = (operator: '$lt' | '$gt') => ({
    userId,
    deviceId,
    $or: [{ createdAt: { [operator]: createdAt } }, { createdAt, _id: { [operator]: _id } }],
  });
  return query(async (db) => {
    const sessions = unscopedCollection(db, COLLECTIONS.sessions);
    const inForce = { expiresAt: { $gt: now }, epoch };
    const [later] = await Promise.all([
      sessions.findOne({ ...began('$gt'), ...inForce }, { sort: { createdAt: -1, _id: -1 } }),
      sessions.deleteMany(began('$lt')),
    ]);
    if (later !== null) await sessions.deleteOne({ _id });
    return later;
  });
}

/** Ends the account's other sessions, except for the `count` most recently used and those of a device. */
export async function deleteSurplusSessions({ _id, userId, deviceId }: SessionDocument, count: number): Promise<void> {
  const others = { userId, _id: { $ne: _id }, ...(deviceId !== undefined && { deviceId: { $ne: deviceId } }) };
  await query(async (db) => {
    const sessions = unscopedCollection(db, COLLECTIONS.sessions);
    const surplus = await sessions
      .find(others, { projection: { _id: 1 }, sort: { lastUsedAt: -1 }, skip: count })
      .map((session) => session._id)
      .toArray();
    if (surplus.length > 0) await sessions.deleteMany({ _id: { $in: surplus } });
  });
}
