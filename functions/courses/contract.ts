import { defineContract } from '../../shared/http/contract.ts';
import {
  course,
  courseId,
  courseSummary,
  language,
  lesson,
  lessonId,
  lessonKind,
  level,
  slug,
} from '../../shared/schemas/course.ts';
import { pageOf, pageQuery } from '../../shared/schemas/page.ts';

/**
 * One minute by default, `CourseCacheTtlSeconds` in the template: short enough that a publication shows soon, long
 * enough that a popular course hardly ever reaches a function.
 */
const cache = { ttlSeconds: 60 };

export const contract = defineContract({
  'GET /courses': {
    operationId: 'listCourses',
    summary: 'List published courses',
    description: 'A course must match all filters. A language includes its regional forms: `en` matches `en-GB`.',
    auth: 'public',
    cache,
    query: {
      language: { ...language, description: 'A BCP 47 tag.' },
      topic: slug,
      format: { ...lessonKind, description: 'Courses with at least one lesson of this kind.' },
      level,
      q: {
        type: 'string',
        minLength: 1,
        maxLength: 100,
        description:
          'Words in the title, summary or topics. All of them must occur, as whole words; case and accents do not matter.',
      },
      sort: { title: 'CatalogOrder', type: 'string', enum: ['newest', 'title'], default: 'newest' },
      ...pageQuery,
    },
    responses: { 200: pageOf('CoursePage', courseSummary) },
    problems: [],
  },

  'GET /courses/{courseId}': {
    operationId: 'getCourse',
    summary: 'Get a published course with its outline',
    auth: 'public',
    cache,
    path: { courseId },
    responses: { 200: course },
    problems: ['not-found'],
  },

  'GET /courses/{courseId}/previews/{lessonId}': {
    operationId: 'getPreview',
    summary: 'Get the text of a lesson that anyone may read',
    description:
      'Serves lessons of public courses, and lessons marked `preview` of any course. Others are not found here.',
    auth: 'public',
    cache,
    path: { courseId, lessonId },
    responses: { 200: lesson },
    problems: ['not-found'],
  },

  'GET /courses/{courseId}/lessons/{lessonId}': {
    operationId: 'getLesson',
    summary: 'Get the text of a lesson',
    description:
      'Requires an access token: any learner’s for public and members’ courses, one with a grant for restricted courses.',
    auth: 'gateway',
    cache,
    path: { courseId, lessonId },
    responses: { 200: lesson },
    problems: ['not-found'],
  },
});
