import { defineContract } from '../../shared/http/contract.ts';
import { courseId, lessonId } from '../../shared/schemas/course.ts';
import { grantBatch, grantBatchResult, playbackGrant } from './schemas.ts';

export const contract = defineContract({
  'GET /courses/{courseId}/lessons/{lessonId}/media-url': {
    operationId: 'getPlaybackGrant',
    summary: 'Leave to play the recording of a lesson',
    description:
      'For whoever may read the lesson. The grant lasts as long as the recording and a pause, 15 minutes at the least and 12 hours at the most; the same request renews it.',
    auth: 'learner',
    path: { courseId, lessonId },
    responses: { 200: playbackGrant },
    problems: ['not-found', 'forbidden'],
  },

  'GET /courses/{courseId}/previews/{lessonId}/media-url': {
    operationId: 'getPreviewGrant',
    summary: 'Leave to play the recording of a lesson that is open to everybody',
    description: 'Lessons of public courses, and lessons marked `preview` of any other. All else is not found here.',
    auth: 'public',
    path: { courseId, lessonId },
    responses: { 200: playbackGrant },
    problems: ['not-found'],
  },

  'POST /courses/{courseId}/media-urls': {
    operationId: 'getPlaybackGrants',
    summary: 'Leave to play many lessons of a course, to download them',
    description:
      'Each lesson has its own result: one that may not be played or is not there fails by itself. All grants last as long as the recordings take together, 12 hours at the most.',
    auth: 'learner',
    path: { courseId },
    body: grantBatch,
    itemsOf: 'lessonIds',
    responses: { 200: grantBatchResult },
    problems: ['not-found'],
  },
});
