import type { Principal } from '../http/handler.ts';
import type { Static } from '../http/json-schema.ts';
import type { access } from '../schemas/course.ts';

/** Who may read the lessons of a course. */
export type Access = Static<typeof access>;

/** That one learner may read one restricted course; without an end where `expiresAt` is null. */
export interface Grant {
  readonly expiresAt: Date | null;
}

/**
 * Whether somebody may read and play the lessons of a course.
 *
 * An admin may read everything. An author may not, by that role alone: what authors work on they see through the
 * authoring routes, and a course of somebody else is to them what it is to any learner.
 * @param reader who asks, or null for anybody
 * @param grant that of this reader for this course, or null
 */
export function canRead(
  access: Access,
  reader: Pick<Principal, 'roles'> | null,
  grant: Grant | null,
  now: Date,
): boolean {
  switch (access) {
    case 'public':
      return true;
    case 'members':
      return reader !== null;
    case 'restricted':
      return reader !== null && (reader.roles.includes('admin') || isInForce(grant, now));
  }
}

/**
 * Until when somebody who may read a course now may do so; null where no end is known.
 * @param reader null for anybody
 */
export function readableUntil(
  access: Access,
  reader: Pick<Principal, 'roles'> | null,
  grant: Grant | null,
): Date | null {
  const isByGrant = access === 'restricted' && !reader?.roles.includes('admin');
  return isByGrant ? (grant?.expiresAt ?? null) : null;
}

function isInForce(grant: Grant | null, now: Date): boolean {
  return grant !== null && (grant.expiresAt === null || now < grant.expiresAt);
}
