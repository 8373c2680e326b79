import type { UpdateFilter } from 'mongodb';
import type { CourseDocument } from '../../shared/db/collections.ts';

/** The fields of a course that decide who can read it now. */
export type KnownAccess = Pick<CourseDocument, 'access' | 'lastRevision'> & {
  /** Null or missing while it is not published. */
  readonly published?: object | null;
};

/**
 * Returns the part of an update that stores who could read a course until now. Empty if that does not change, or if the
 * course was never published.
 * @param access who can read it from now on. Null if it is not published.
 */
export function earlierAccessUpdate(
  before: KnownAccess | null,
  access: CourseDocument['access'] | null,
  now: Date,
): Pick<UpdateFilter<CourseDocument>, '$push'> {
  if (before === null || !before.lastRevision) return {};
  const earlier = before.published ? before.access : null;
  return earlier === access ? {} : { $push: { earlierAccess: { access: earlier, until: now } } };
}
