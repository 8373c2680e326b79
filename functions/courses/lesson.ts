import { withAssetUrls } from '../../shared/assets.ts';
import type { Output } from '../../shared/http/contract.ts';
import { problem } from '../../shared/http/problem.ts';
import type { contract } from './contract.ts';
import { findOpenLesson, findPublishedLesson, type PublishedLesson } from './lesson-repository.ts';

type Routes = (typeof contract)['routes'];
type PreviewRoute = Routes['GET /courses/{courseId}/previews/{lessonId}'];
type LessonRoute = Routes['GET /courses/{courseId}/lessons/{lessonId}'];

/**
 * Returns the text of a lesson that anyone may read. For any other lesson, the answer is the same as for one that does
 * not exist.
 */
export async function findPreview(courseId: string, lessonId: string): Promise<Output<PreviewRoute>> {
  const lesson = await findOpenLesson(courseId, lessonId);
  if (lesson === null) throw problem('not-found', { detail: 'There is no such lesson to preview.' });
  return withMediaUrls(lesson);
}

/** Returns the text of any lesson. The API's authorizer let the reader through, and all readers get the same answer. */
export async function findLesson(courseId: string, lessonId: string): Promise<Output<LessonRoute>> {
  const lesson = await findPublishedLesson(courseId, lessonId);
  if (lesson === null) throw problem('not-found', { detail: 'There is no such lesson.' });
  return withMediaUrls(lesson);
}

/** Replaces the references of images and captions with their URLs. */
function withMediaUrls(lesson: PublishedLesson): PublishedLesson {
  return {
    ...lesson,
    markdown: withAssetUrls(lesson.markdown),
    html: withAssetUrls(lesson.html),
    captions: lesson.captions.map((track) => ({ ...track, url: withAssetUrls(track.url) })),
  };
}
