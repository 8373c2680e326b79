import { withAssetUrls } from '../../shared/assets.ts';
import type { Output } from '../../shared/http/contract.ts';
import { problem } from '../../shared/http/problem.ts';
import type { contract } from './contract.ts';
import { findPublishedCourse } from './course-repository.ts';

type CourseRoute = (typeof contract)['routes']['GET /courses/{courseId}'];

/** Returns a published course with its modules and lessons. */
export async function findCourse(courseId: string): Promise<Output<CourseRoute>> {
  const course = await findPublishedCourse(courseId);
  if (course === null) throw problem('not-found', { detail: 'There is no such course.' });
  return withCoverUrl(course);
}

/** Replaces the reference of the cover image with its URL. */
export function withCoverUrl<Course extends { readonly image: string | null }>(course: Course): Course {
  return course.image === null ? course : { ...course, image: withAssetUrls(course.image) };
}
