import type { Caller } from '../auth/caller.ts';
import type { Static } from '../http/json-schema.ts';
import { type Problem, problem } from '../http/problem.ts';
import type { access } from '../schemas/course.ts';

/** Who may read the lessons of a course. */
export type Access = Static<typeof access>;

/** Permission for one learner to read one restricted course. */
export interface Grant {
  /** Null for a grant without an end. */
  readonly expiresAt: Date | null;
}

/** A course and a reader's grant for it, as far as an access decision needs them. */
export interface CourseAccess {
  /** Null if no course of that id is published. */
  readonly access: Access | null;
  readonly grant: Grant | null;
}

/** What an access decision needs of a reader. */
type Reader = { readonly roles: readonly string[] };

/**
 * Decides whether a reader may read and play the lessons of a course.
 *
 * An admin may read everything. The role `author` adds nothing to the role `learner`: there are no routes yet by
 * which authors read their drafts.
 * @param reader null for somebody who is not signed in
 * @param grant the reader's grant for this course, or null
 */
export function canRead(access: Access, reader: Reader | null, grant: Grant | null, now: Date): boolean {
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
 * Returns the problem that keeps a caller from reading a course, or null if they may read it. For services that handle
 * many courses or lessons in one request; others call {@link requireReadable}.
 */
export function accessProblem({ access, grant }: CourseAccess, caller: Reader, now: Date): Problem | null {
  if (access === null) return problem('not-found', { detail: 'There is no such course.' });
  if (canRead(access, caller, grant, now)) return null;
  return problem('forbidden', { detail: 'This account may not read the course.' });
}

/**
 * Throws unless the caller may read the course.
 * @throws Problem `not-found` if no such course is published; `forbidden` if the caller may not read it.
 */
export function requireReadable(course: CourseAccess, caller: Caller, now: Date): void {
  const refusal = accessProblem(course, caller, now);
  if (refusal !== null) throw refusal;
}

/**
 * Returns when a reader's permission to read a course ends. Null if it has no known end. Call it for a reader who may
 * read the course now.
 * @param reader null for somebody who is not signed in
 */
export function readableUntil(access: Access, reader: Reader | null, grant: Grant | null): Date | null {
  const dependsOnGrant = access === 'restricted' && !reader?.roles.includes('admin');
  return dependsOnGrant ? (grant?.expiresAt ?? null) : null;
}

function isInForce(grant: Grant | null, now: Date): boolean {
  return grant !== null && (grant.expiresAt === null || now < grant.expiresAt);
}
