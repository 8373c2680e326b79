import { openCursor, sealCursor } from '../../../shared/http/cursor.ts';
import { secret } from '../../../shared/secrets.ts';
import type { ChangePosition } from './changes-repository.ts';

/**
 * How far a cursor stays behind the clock, in milliseconds. A change is dated when its write begins and seen when it
 * ends, up to 3 s later (progress-repository.ts); a primary that stalls for longer than 10 s loses its office and what it
 * had not handed on (MongoDB manual, "Replica set elections"). The rest is for clocks of servers that differ.
 */
const OVERLAP_MS = 30_000;

/** A place in the feed of a learner's changes. */
export interface FeedPlace {
  /** The last change that was handed out: what follows it is next. */
  readonly after: ChangePosition;
  /**
   * Where to return to once the end is reached: changes after it may have come into view behind the reader's back. Null
   * before the reader has come that close to the present.
   */
  readonly floor: Date | null;
}

/** The place where everything up to a moment is behind, except for what may not have been in view yet. */
export function placeBefore(asOf: Date): FeedPlace {
  return { after: { updatedAt: settledBy(asOf), courseId: '' }, floor: null };
}

/** The latest time whose changes are all in view at this moment. */
export function settledBy(asOf: Date): Date {
  return new Date(asOf.getTime() - OVERLAP_MS);
}

/** A cursor for one learner's feed. */
export async function sealPlace(userId: string, { after, floor }: FeedPlace): Promise<string> {
  const position = JSON.stringify([after.updatedAt.getTime(), after.courseId, floor?.getTime() ?? null]);
  return sealCursor(await secret('CURSOR_KEY'), scopeOf(userId), position);
}

/** @throws Problem `invalid-request` for a cursor that was not given to this learner. */
export async function openPlace(userId: string, cursor: string): Promise<FeedPlace> {
  const position = openCursor(await secret('CURSOR_KEY'), scopeOf(userId), cursor, 'since');
  // What was sealed is what sealPlace wrote.
  const [updatedAt, courseId, floor] = JSON.parse(position) as [number, string, number | null];
  return {
    after: { updatedAt: new Date(updatedAt), courseId },
    floor: floor === null ? null : new Date(floor),
  };
}

function scopeOf(userId: string): string {
  return `progress ${userId}`;
}
