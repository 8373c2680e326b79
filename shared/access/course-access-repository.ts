import type { Document } from 'mongodb';
import { COLLECTIONS } from '../db/collections.ts';

/**
 * Stages for `requireCaller` that add a {@link CourseAccess} (can-read.ts) to the caller's row: the access of a
 * published course, and the caller's grant. Both documents are found by `_id`.
 */
export function courseAccessStages(courseId: string, userId: string): Document[] {
  return [
    lookupOne('course', COLLECTIONS.courses.name, { _id: courseId, published: { $ne: null } }, { access: 1 }),
    lookupOne('grant', COLLECTIONS.grants.name, { _id: `${courseId}/${userId}` }, { expiresAt: 1 }),
    {
      $set: {
        access: { $ifNull: [{ $first: '$course.access' }, null] },
        grant: { $ifNull: [{ $first: '$grant' }, null] },
      },
    },
    { $unset: 'course' },
  ];
}

/** Looks up the one document that the filter names, as a list of one or none. */
function lookupOne(as: string, from: string, filter: Document, projection: Document): Document {
  return { $lookup: { as, from, pipeline: [{ $match: filter }, { $project: { _id: 0, ...projection } }] } };
}
