import type { Document } from 'mongodb';
import { query } from '../db/client.ts';
import { COLLECTIONS, collection } from '../db/collections.ts';
import type { Standing } from './standing.ts';

/** Whose standing to which course is asked for. */
export interface StandingQuery {
  readonly sessionId: string;
  readonly userId: string;
  readonly courseId: string;
}

/**
 * How a reader stands to a course, or null when the session or its account is gone. One round trip: four documents, each
 * by its `_id`.
 * @throws Problem `unavailable` when the database does not answer.
 */
export async function findStanding(asked: StandingQuery): Promise<Standing | null> {
  const [found] = await query((db) =>
    collection(db, COLLECTIONS.sessions).aggregate<Standing>(standingStages(asked)).toArray(),
  );
  return found ?? null;
}

/**
 * The stages of an aggregate of `sessions` that answers one {@link Standing}, or nothing; for who looks up more of the
 * course in the same round trip.
 */
export function standingStages({ sessionId, userId, courseId }: StandingQuery): Document[] {
  return [
    { $match: { _id: sessionId, userId } },
    { $project: { _id: 0, session: { expiresAt: '$expiresAt', epoch: '$epoch' } } },
    one('account', COLLECTIONS.users.name, { _id: userId }, { tokenEpoch: 1, roles: 1 }),
    one('course', COLLECTIONS.courses.name, { _id: courseId, published: { $ne: null } }, { access: 1 }),
    one('grant', COLLECTIONS.grants.name, { _id: `${courseId}/${userId}` }, { expiresAt: 1 }),
    // Without an account there is nothing to unwind, and so no answer.
    { $unwind: '$account' },
    {
      $project: {
        session: 1,
        account: 1,
        access: { $ifNull: [{ $first: '$course.access' }, null] },
        grant: { $ifNull: [{ $first: '$grant' }, null] },
      },
    },
  ];
}

/** The document of another collection that the filter names, as a list of one or none. */
function one(as: string, from: string, filter: Document, projection: Document): Document {
  return { $lookup: { as, from, pipeline: [{ $match: filter }, { $project: { _id: 0, ...projection } }] } };
}
