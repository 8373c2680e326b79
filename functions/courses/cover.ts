import { withAssetUrls } from '../../shared/assets.ts';

/** A course whose cover image is given by its URL. */
export function withCoverUrl<Course extends { readonly image: string | null }>(course: Course): Course {
  return course.image === null ? course : { ...course, image: withAssetUrls(course.image) };
}
