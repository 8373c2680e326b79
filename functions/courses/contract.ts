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
 * One minute: short enough that a publication shows soon, long enough that a popular course hardly ever reaches a
 * function.
 */
const cache = { ttlSeconds: 60 };

export const contract = defineContract({
  'GET /courses': {
    operationId: 'listCourses',
    summary: 'The catalog of published courses',
    description: 'Filters are combined with "and". A language finds its regional forms too: `en` finds `en-GB`.',
    auth: 'public',
    cache,
    query: {
      language: { ...language, description: 'A BCP 47 tag.' },
      topic: slug,
      format: { ...lessonKind, description: 'Courses that have at least one lesson of this kind.' },
      level,
      q: {
        type: 'string',
        minLength: 1,
        maxLength: 100,
        description:
          'Words to find in title, summary and topics: all of them, whole, in any case and with any accents.',
      },
      sort: { type: 'string', enum: ['newest', 'title'], default: 'newest' },
      ...pageQuery,
    },
    responses: { 200: pageOf('CoursePage', courseSummary) },
    problems: [],
  },

  'GET /courses/{courseId}': {
    operationId: 'getCourse',
    summary: 'One published course with its outline',
    auth: 'public',
    cache,
    path: { courseId },
    responses: { 200: course },
    problems: ['not-found'],
  },

  'GET /courses/{courseId}/previews/{lessonId}': {
    operationId: 'getPreview',
    summary: 'The text of a lesson that anyone may read',
    description: 'Lessons of public courses, and lessons marked `preview` of any other. All else is not found here.',
    auth: 'public',
    cache,
    path: { courseId, lessonId },
    responses: { 200: lesson },
    problems: ['not-found'],
  },

  'GET /courses/{courseId}/lessons/{lessonId}': {
    operationId: 'getLesson',
    summary: 'The text of a lesson, for those who may read the course',
    description:
      'Always takes an access token: any learner’s for public courses and those for members, one with a grant for restricted courses.',
    auth: 'gateway',
    cache,
    path: { courseId, lessonId },
    responses: { 200: lesson },
    problems: ['not-found'],
  },
});
