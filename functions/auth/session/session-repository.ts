import { query } from '../../../shared/db/client.ts';
import { COLLECTIONS, collection, type SessionDocument, type UserDocument } from '../../../shared/db/collections.ts';

/** A session with the account it is of. */
export interface SessionWithUser {
  readonly session: SessionDocument;
  readonly user: UserDocument;
}

export async function insertSession(session: SessionDocument): Promise<void> {
  await query((db) => collection(db, COLLECTIONS.sessions).insertOne(session));
}

/** A session and its account, whether it is over or not; null when either is gone. One round trip, by `_id`. */
export async function findSessionWithUser(sessionId: string): Promise<SessionWithUser | null> {
  const [found] = await query((db) =>
    collection(db, COLLECTIONS.sessions)
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

/** What a rotation changes. */
export type Rotation = Pick<SessionDocument, 'generation' | 'rotatedAt' | 'lastUsedAt' | 'expiresAt'>;

/** Goes on to the next generation, if the session still has the one it was read with. */
export async function rotateSession(
  { _id, generation }: SessionDocument,
  rotation: Rotation,
): Promise<'rotated' | 'changed'> {
  const { modifiedCount } = await query((db) =>
    collection(db, COLLECTIONS.sessions).updateOne({ _id, generation }, { $set: rotation }),
  );
  return modifiedCount === 1 ? 'rotated' : 'changed';
}

/** The sessions of an account that are not over, the last used first. One round trip. */
export async function findLiveSessions(userId: string, now: Date): Promise<readonly SessionDocument[]> {
  const [found] = await query((db) =>
    collection(db, COLLECTIONS.users)
      .aggregate<{ readonly sessions: readonly SessionDocument[] }>([
        { $match: { _id: userId } },
        {
          $lookup: {
            from: COLLECTIONS.sessions.name,
            let: { epoch: '$tokenEpoch' },
            pipeline: [
              { $match: { userId, expiresAt: { $gt: now }, $expr: { $eq: ['$epoch', '$$epoch'] } } },
              { $sort: { lastUsedAt: -1 } },
            ],
            as: 'sessions',
          },
        },
        { $project: { sessions: 1 } },
      ])
      .toArray(),
  );
  return found?.sessions ?? [];
}

/** Ends a session of an account. */
export async function deleteSession(userId: string, sessionId: string): Promise<'deleted' | 'not-found'> {
  const { deletedCount } = await query((db) =>
    collection(db, COLLECTIONS.sessions).deleteOne({ _id: sessionId, userId }),
  );
  return deletedCount === 1 ? 'deleted' : 'not-found';
}

/** Ends every session of an account. */
export async function deleteSessions(userId: string): Promise<void> {
  await query((db) => collection(db, COLLECTIONS.sessions).deleteMany({ userId }));
}

/** Of the other sessions of an account, ends all but so many that were used last. */
export async function deleteOthersBeyond({ _id, userId }: SessionDocument, count: number): Promise<void> {
  await query(async (db) => {
    const sessions = collection(db, COLLECTIONS.sessions);
    const surplus = await sessions
      .find({ userId, _id: { $ne: _id } }, { projection: { _id: 1 }, sort: { lastUsedAt: -1 }, skip: count })
      .map((session) => session._id)
      .toArray();
    if (surplus.length > 0) await sessions.deleteMany({ _id: { $in: surplus } });
  });
}
