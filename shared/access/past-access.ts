import type { CourseDocument, GrantDocument } from '../db/collections.ts';
import type { Access, Grant } from './can-read.ts';

/** Who can read a course, and who could before. `access` is null while it is not published. */
export type CourseAccessHistory = { readonly access: Access | null } & Pick<CourseDocument, 'earlierAccess'>;

/** The periods of a grant. */
export type GrantHistory = Pick<GrantDocument, 'createdAt' | 'expiresAt' | 'earlier'>;

/**
 * Returns who could read a course at a time. Null if it was not published. What is known first also counts for the time
 * before.
 */
export function accessAt({ access, earlierAccess = [] }: CourseAccessHistory, at: Date): Access | null {
  const earlier = earlierAccess.find(({ until }) => at < until);
  return earlier === undefined ? access : earlier.access;
}

/** Returns the grant as it was in force at a time. Null if it was not. */
export function grantAt({ createdAt, expiresAt, earlier = [] }: GrantHistory, at: Date): Grant | null {
  const periods = [...earlier.map(({ from, until }) => ({ from, expiresAt: until })), { from: createdAt, expiresAt }];
  return periods.find(({ from, expiresAt: end }) => from <= at && (end === null || at < end)) ?? null;
}
