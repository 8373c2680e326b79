import type { Db } from 'mongodb';
import { publishCourse } from '../../publishing/publish/publish.ts';
import { generatedCourse } from '../catalog/generated-course.ts';

/** Courses that the authorizer decides about. */
export const GUARDED_COURSES = { members: 'for-members', granted: 'by-grant', withheld: 'for-others' } as const;

/** A lesson that each of them has, and that is no preview. */
export const LESSON = 'lesson-2';

/** Publishes them as a course is published. */
export async function publishGuardedCourses(db: Db): Promise<void> {
  for (const [number, id] of Object.values(GUARDED_COURSES).entries()) {
    const access = id === GUARDED_COURSES.members ? 'members' : 'restricted';
    await publishCourse(db, { ...generatedCourse(number), id, access });
  }
}
