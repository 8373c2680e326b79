import type { Document } from 'mongodb';
import type { Caller } from '../../../shared/auth/caller.ts';
import { query } from '../../../shared/db/client.ts';
import {
  COLLECTIONS,
  ownedCollection,
  type SessionDocument,
  type UserDocument,
} from '../../../shared/db/collections.ts';
import { isDuplicateKey } from '../../../shared/db/duplicate-key.ts';
import { unscopedCollection } from '../../../shared/db/unscoped.ts';

/** A session and its account. */
export interface SessionWithUser {
  readonly session: SessionDocument;
  readonly user: UserDocument;
}

export async function insertSession(session: SessionDocument): Promise<void> {
  await query((db) => unscopedCollection(db, COLLECTIONS.sessions).insertOne(session));
}

/** Finds a session, ended or not, and its account. Null if either does not exist. One round trip, by `_id`. */
export async function findSessionWithUser(sessionId: string): Promise<SessionWithUser | null> {
  const [found] = await query((db) =>
    unscopedCollection(db, COLLECTIONS.sessions)
      .aggregate<SessionDocument & { readonly user: readonly UserDocument[] }>([
        { $match: { _id: sessionId } },
        { $lookup: { from: COLLECTIONS.users.name, localField: 'userId', foreignField: '_id', as: 'user' } },
      ])
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
 * Makes a session the only one of its device. When two sign-ins on one device do so at the same moment, the unique
 * index refuses one of them, which then replaces the other: the last one stays, and neither fails.
 */
export async function assignDevice(
  { _id, userId }: Pick<SessionDocument, '_id' | 'userId'>,
  deviceId: string,
): Promise<void> {
  try {
    await query(async (db) => {
      const sessions = unscopedCollection(db, COLLECTIONS.sessions);
      await sessions.deleteMany({ userId, deviceId, _id: { $ne: _id } });
      await sessions.updateOne({ _id }, { $set: { deviceId } });
    });
  } catch (error) {
    if (!isDuplicateKey(error)) throw error;
    await assignDevice({ _id, userId }, deviceId);
  }
}

/** Ends the account's other sessions, except for the `count` most recently used and those of a device. */
export async function deleteSurplusSessions(
  { _id, userId }: SessionDocument,
  { count, deviceId }: { readonly count: number; readonly deviceId: string | undefined },
): Promise<void> {
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
