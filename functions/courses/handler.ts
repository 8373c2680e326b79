import { createHandler } from '../../shared/http/handler.ts';
import { listCourses } from './catalog.ts';
import { contract } from './contract.ts';
import { findLesson, findPreview } from './lesson.ts';
import { findCourse } from './outline.ts';

export const handler = createHandler(contract, {
  'GET /courses': ({ query }) => listCourses(query),
  'GET /courses/{courseId}': ({ path }) => findCourse(path.courseId),
  'GET /courses/{courseId}/previews/{lessonId}': ({ path }) => findPreview(path.courseId, path.lessonId),
  'GET /courses/{courseId}/lessons/{lessonId}': ({ path }) => findLesson(path.courseId, path.lessonId),
});
