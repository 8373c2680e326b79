import type { Document } from 'mongodb';
import type { SessionEnd } from '../auth/caller.ts';
import type { Role } from '../auth/roles.ts';
import { query } from '../db/client.ts';
import { COLLECTIONS } from '../db/collections.ts';
import { unscopedCollection } from '../db/unscoped.ts';
import type { Principal } from '../http/handler.ts';

/** A session and its account, as the database has them now. */
export interface CallerRow {
  readonly session: SessionEnd;
  readonly account: { readonly tokenEpoch: number; readonly roles: readonly Role[] };
  /** The database's clock when it answered. */
  readonly asOf: Date;
}

/** A stage of an aggregate. */
export type Stage = Document;

/** More rows than any request can ask for, so that the answer comes in one batch as long as it fits 16 MB. */
const BATCH_SIZE = 2000;

/**
 * Finds the session and the account of a principal, and whatever the further stages add, in one round trip.
 *
 * The first row holds {@link CallerRow} and what `$lookup` stages add to it; `$unionWith` stages add rows after it.
 * Returns null if the session or the account does not exist.
 * @throws Problem `unavailable`.
 */
export async function findCaller<Row extends object>(
  { sessionId, userId }: Pick<Principal, 'sessionId' | 'userId'>,
  furtherStages: readonly Stage[],
): Promise<readonly [CallerRow & Row, ...Row[]] | null> {
  const rows = await query((db) =>
    unscopedCollection(db, COLLECTIONS.sessions)
      .aggregate<Partial<CallerRow> & Row>(
        [
          { $match: { _id: sessionId, userId } },
          { $project: { _id: 0, session: { expiresAt: '$expiresAt', epoch: '$epoch' }, asOf: '$$NOW' } },
          {
            $lookup: {
              as: 'account',
              from: COLLECTIONS.users.name,
              pipeline: [{ $match: { _id: userId } }, { $project: { _id: 0, tokenEpoch: 1, roles: 1 } }],
            },
          },
          { $set: { account: { $first: '$account' } } },
          ...furtherStages,
        ],
        { batchSize: BATCH_SIZE },
      )
      .toArray(),
  );
  const [first, ...others] = rows;
  return first !== undefined && isCallerRow(first) ? [first, ...others] : null;
}

function isCallerRow<Row>(row: Partial<CallerRow> & Row): row is CallerRow & Row {
  return row.session !== undefined && row.account !== undefined && row.asOf !== undefined;
}

/**
 * Confirms by a write that an account exists, and returns whether it does.
 *
 * It must be a write: it conflicts with an erasure that runs at the same moment, so that one of the two goes first. A
 * read would still see the account of an erasure that has not committed.
 * @throws Problem `unavailable`.
 */
export async function touchAccount(userId: string): Promise<boolean> {
  const { matchedCount } = await query((db) =>
    unscopedCollection(db, COLLECTIONS.users).updateOne({ _id: userId }, { $inc: { touches: 1 } }),
  );
  return matchedCount === 1;
}
