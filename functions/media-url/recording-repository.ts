import type { Document } from 'mongodb';
import { type StandingQuery, standingStages } from '../../shared/access/access-repository.ts';
import type { Standing } from '../../shared/access/standing.ts';
import { query } from '../../shared/db/client.ts';
import { COLLECTIONS, collection, type LessonDocument, type Recording } from '../../shared/db/collections.ts';

/** A lesson, as far as playing it goes. */
export interface FoundLesson extends Pick<LessonDocument, 'open' | 'recording'> {
  readonly id: string;
  readonly durationSeconds: number | null;
  readonly captions: LessonDocument['lesson']['captions'];
}

/** A lesson that has something to play. */
export interface PlayableLesson extends FoundLesson {
  readonly recording: Recording;
}

/** How somebody stands to a course, and the lessons of it that were asked for, as far as they are there. */
export interface CourseForReader extends Standing {
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

/** Null when the session or the account is gone. One round trip, each document by its `_id`. */
export async function findCourseForReader(
  asked: StandingQuery,
  lessonIds: readonly string[],
): Promise<CourseForReader | null> {
  const ids = lessonIds.map((id) => `${asked.courseId}/${id}`);
  const [found] = await query((db) =>
    collection(db, COLLECTIONS.sessions)
      .aggregate<CourseForReader>([
        ...standingStages(asked),
        {
          $lookup: {
            as: 'lessons',
            from: COLLECTIONS.lessons.name,
            pipeline: [{ $match: { _id: { $in: ids } } }, { $project: PLAYABLE }],
          },
        },
      ])
      .toArray(),
  );
  return found ?? null;
}

/** A lesson that anyone may play, of a course that is published, or null. One round trip, by `_id`. */
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
