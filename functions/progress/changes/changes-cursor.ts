import { decodeCursor, encodeCursor } from '../../../shared/http/cursor.ts';
import { secret } from '../../../shared/secrets.ts';
import type { ChangePosition } from './changes-repository.ts';

/**
 * How far a cursor stays behind the clock, in milliseconds. The database dates a change when its write begins and shows
 * it when the write ends, up to 3 s later (events/progress-repository.ts). A primary that stalls for more than 10 s is
 * replaced and loses what it had not replicated (MongoDB manual, "Replica set elections"). The rest allows for servers
 * whose clocks differ.
 */
const OVERLAP_MS = 30_000;

/** A place in the list of a learner's changes. */
export interface ChangesPlace {
  /** The last change that the client has. */
  readonly after: ChangePosition;
  /**
   * Where to go back to at the end of the list, because changes after it may have become visible meanwhile. Null until
   * the client has come that close to the present.
   */
  readonly floor: Date | null;
}

/** Returns the place after everything that is settled at a moment. */
export function placeBefore(asOf: Date): ChangesPlace {
  return { after: { updatedAt: settledBy(asOf), courseId: '' }, floor: null };
}

/** Returns the latest time whose changes are all visible at a moment. */
export function settledBy(asOf: Date): Date {
  return new Date(asOf.getTime() - OVERLAP_MS);
}

/** Encodes a place as a cursor for one learner. */
export async function encodePlace(userId: string, { after, floor }: ChangesPlace): Promise<string> {
  const position = JSON.stringify([after.updatedAt.getTime(), after.courseId, floor?.getTime() ?? null]);
  return encodeCursor(await secret('CURSOR_KEY'), scopeOf(userId), position);
}

/** @throws Problem `invalid-request` for a cursor that this learner did not get from us. */
export async function decodePlace(userId: string, cursor: string): Promise<ChangesPlace> {
  const position = decodeCursor(await secret('CURSOR_KEY'), scopeOf(userId), cursor, 'since');
  // The cursor is authentic, so encodePlace wrote it.
  const [updatedAt, courseId, floor] = JSON.parse(position) as [number, string, number | null];
  return {
    after: { updatedAt: new Date(updatedAt), courseId },
    floor: floor === null ? null : new Date(floor),
  };
}

function scopeOf(userId: string): string {
  return `progress ${userId}`;
}
