import { withAssetUrls } from '../../shared/assets.ts';

/** Replaces the reference of the cover image by its URL. */
export function withCoverUrl<Course extends { readonly image: string | null }>(course: Course): Course {
  return course.image === null ? course : { ...course, image: withAssetUrls(course.image) };
}
