import { defineContract } from '../../shared/http/contract.ts';
import { courseId, lessonId } from '../../shared/schemas/course.ts';
import { pageOf, pageQuery } from '../../shared/schemas/page.ts';
import {
  continueItem,
  courseProgress,
  feedQuery,
  lessonEvent,
  progressBatch,
  progressBatchResult,
  progressFeed,
  recordedEvent,
} from './schemas.ts';

export const contract = defineContract({
  'GET /progress': {
    operationId: 'listProgress',
    summary: 'What changed of the learner’s progress since the last time',
    description:
      'By course, oldest change first, courses that were left included. No change is ever missed; one of the last half minute may come again. Without `since` it is all there is, for a device that knows nothing yet.',
    auth: 'learner',
    query: feedQuery,
    responses: { 200: progressFeed },
    problems: [],
  },

  'GET /progress/continue': {
    operationId: 'listCoursesToContinue',
    summary: 'What to resume, newest first',
    description: 'Courses that were joined, are not finished, and that the learner may read.',
    auth: 'learner',
    query: pageQuery,
    responses: { 200: pageOf('ContinuePage', continueItem) },
    problems: [],
  },

  'POST /progress/sync': {
    operationId: 'syncProgress',
    summary: 'Report what happened on a device, also while it was offline',
    description:
      'Events merge to the same state in whatever order and however often they arrive, so after any doubt the same events are sent again, with the same ids. A course that is not joined yet is joined by its first event.',
    auth: 'learner',
    body: progressBatch,
    itemsOf: 'events',
    responses: { 200: progressBatchResult },
    problems: [],
  },

  'GET /progress/{courseId}': {
    operationId: 'getCourseProgress',
    summary: 'The learner’s progress in one course',
    description: 'Also when the learner may not read the course any more: what they did stays theirs.',
    auth: 'learner',
    path: { courseId },
    responses: { 200: courseProgress },
    problems: ['not-found'],
  },

  'PUT /progress/{courseId}': {
    operationId: 'joinCourse',
    summary: 'Join a course',
    description: 'Joining twice changes nothing.',
    auth: 'learner',
    path: { courseId },
    responses: { 200: courseProgress },
    problems: ['not-found', 'forbidden'],
  },

  'DELETE /progress/{courseId}': {
    operationId: 'leaveCourse',
    summary: 'Leave a course and erase all progress in it',
    description:
      'Leaving twice, or a course that was never joined, changes nothing. What a device reports later of the time before is not taken; anything newer joins the course again.',
    auth: 'learner',
    path: { courseId },
    responses: { 204: null },
    problems: [],
  },

  'PUT /progress/{courseId}/lessons/{lessonId}': {
    operationId: 'recordLessonEvent',
    summary: 'Report one event',
    description: 'As one event of `POST /progress/sync`, except that what would be rejected there is a problem here.',
    auth: 'learner',
    path: { courseId, lessonId },
    body: lessonEvent,
    responses: { 200: recordedEvent },
    problems: ['not-found', 'forbidden'],
  },
});
