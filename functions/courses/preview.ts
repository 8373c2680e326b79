import { withAssetUrls } from '../../shared/assets.ts';
import type { Output } from '../../shared/http/contract.ts';
import { problem } from '../../shared/http/problem.ts';
import type { contract } from './contract.ts';
import { findOpenLesson } from './lesson-repository.ts';

type PreviewRoute = (typeof contract)['routes']['GET /courses/{courseId}/previews/{lessonId}'];

/** The text of a lesson that anyone may read. One that exists but is not open looks like one that does not. */
export async function findPreview(courseId: string, lessonId: string): Promise<Output<PreviewRoute>> {
  const lesson = await findOpenLesson(courseId, lessonId);
  if (lesson === null) throw problem('not-found', { detail: 'There is no such lesson to preview.' });
  return {
    ...lesson,
    markdown: withAssetUrls(lesson.markdown),
    html: withAssetUrls(lesson.html),
    captions: lesson.captions.map((track) => ({ ...track, url: withAssetUrls(track.url) })),
  };
}
