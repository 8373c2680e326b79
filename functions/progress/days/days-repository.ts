import type { Document } from 'mongodb';
import { COLLECTIONS } from '../../../shared/db/collections.ts';

/** A row of {@link playedDaysStages}. */
export interface PlayedDayRow {
  readonly day: string;
  readonly courses: readonly { readonly courseId: string; readonly playedMs: number }[];
}

/** Bounds of the days to list, such as `2026-11-30`. Missing ones do not limit. */
export interface DayRange {
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  /** The days after this one, in the order of the list, are those before it in time. */
  readonly after?: string | undefined;
}

/**
 * Stages for `requireCaller` that add a row for each day on which the learner played something, newest first. Reads the
 * learner's documents by an index.
 */
export function playedDaysStages(userId: string, { from, to, after }: DayRange, limit: number): Document[] {
  const day = {
    $gte: from ?? '',
    ...(to !== undefined && { $lte: to }),
    ...(after !== undefined && { $lt: after }),
  };
  return [
    {
      $unionWith: {
        coll: COLLECTIONS.progress.name,
        pipeline: [
          { $match: { userId } },
          { $project: { _id: 0, courseId: 1, played: { $objectToArray: '$playedMsByDay' } } },
          { $unwind: '$played' },
          { $match: { 'played.k': day } },
          { $group: { _id: '$played.k', courses: { $push: { courseId: '$courseId', playedMs: '$played.v' } } } },
          { $sort: { _id: -1 } },
          { $limit: limit },
          { $project: { _id: 0, day: '$_id', courses: 1 } },
        ],
      },
    },
  ];
}
