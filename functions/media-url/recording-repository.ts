import type { Document } from 'mongodb';
import type { CourseAccess } from '../../shared/access/can-read.ts';
import { courseAccessStages } from '../../shared/access/course-access-repository.ts';
import { query } from '../../shared/db/client.ts';
import { COLLECTIONS, collection, type LessonDocument, type Recording } from '../../shared/db/collections.ts';

/** What playing a lesson needs. */
export interface FoundLesson extends Pick<LessonDocument, 'open' | 'recording'> {
  readonly id: string;
  readonly durationSeconds: number | null;
  readonly captions: LessonDocument['lesson']['captions'];
}

/** A lesson with a recording. */
export interface PlayableLesson extends FoundLesson {
  readonly recording: Recording;
}

/** A course as one reader may access it, with the requested lessons that exist. */
export interface CourseForReader extends CourseAccess {
  readonly lessons: readonly FoundLesson[];
}

const PLAYABLE = {
  _id: 0,
  id: '$lesson.id',
  open: 1,
  recording: 1,
  durationSeconds: '$lesson.durationSeconds',
  captions: '$lesson.captions',
} as const satisfies Document;

/**
 * Stages for `requireCaller` that add a {@link CourseForReader} to the caller's row. Every document is found by `_id`.
 */
export function courseForReaderStages(courseId: string, lessonIds: readonly string[], userId: string): Document[] {
  const ids = lessonIds.map((id) => `${courseId}/${id}`);
  return [
    ...courseAccessStages(courseId, userId),
    {
      $lookup: {
        as: 'lessons',
        from: COLLECTIONS.lessons.name,
        pipeline: [{ $match: { _id: { $in: ids } } }, { $project: PLAYABLE }],
      },
    },
  ];
}

/** Finds a lesson of a published course that anyone may play. One round trip, by `_id`. */
export async function findOpenLesson(courseId: string, lessonId: string): Promise<FoundLesson | null> {
  const [found] = await query((db) =>
    collection(db, COLLECTIONS.lessons)
      .aggregate<FoundLesson>([
        { $match: { _id: `${courseId}/${lessonId}`, open: true } },
        {
          $lookup: {
            as: 'course',
            from: COLLECTIONS.courses.name,
            pipeline: [{ $match: { _id: courseId, published: { $ne: null } } }, { $project: { _id: 1 } }],
          },
        },
        { $match: { course: { $ne: [] } } },
        { $project: PLAYABLE },
      ])
      .toArray(),
  );
  return found ?? null;
}
