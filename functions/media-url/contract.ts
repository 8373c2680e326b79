import { defineContract } from '../../shared/http/contract.ts';
import { courseId, lessonId } from '../../shared/schemas/course.ts';
import { grantBatch, grantBatchResult, playbackGrant, purposeQuery } from './schemas.ts';

export const contract = defineContract({
  'GET /courses/{courseId}/lessons/{lessonId}/media-url': {
    operationId: 'getPlaybackGrant',
    summary: 'Grant playback of a lesson',
    description:
      'For everyone who may read the lesson. The grant lasts as long as the recording, plus time for pauses: from 15 minutes to 12 hours, or 12 hours for a download. It never outlasts the permission to read. The same request renews it.',
    auth: 'learner',
    path: { courseId, lessonId },
    query: { purpose: purposeQuery },
    responses: { 200: playbackGrant },
    problems: ['not-found', 'forbidden'],
  },

  'GET /courses/{courseId}/previews/{lessonId}/media-url': {
    operationId: 'getPreviewGrant',
    summary: 'Grant playback of a lesson that is open to everyone',
    description:
      'Serves lessons of public courses, and lessons marked `preview` of any course. Others are not found here.',
    auth: 'public',
    path: { courseId, lessonId },
    query: { purpose: purposeQuery },
    responses: { 200: playbackGrant },
    problems: ['not-found'],
  },

  'POST /courses/{courseId}/media-urls': {
    operationId: 'getPlaybackGrants',
    summary: 'Grant playback of many lessons of a course, for example to download them',
    description:
      'Each lesson has its own result, so an unknown or forbidden one fails alone. All grants last as long as the recordings take together, plus time for pauses, or 12 hours for a download.',
    auth: 'learner',
    path: { courseId },
    body: grantBatch,
    itemsOf: 'lessonIds',
    responses: { 200: grantBatchResult },
    problems: ['not-found'],
  },
});
