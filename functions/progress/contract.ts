import { defineContract } from '../../shared/http/contract.ts';
import { courseId, lessonId } from '../../shared/schemas/course.ts';
import { pageOf, pageQuery } from '../../shared/schemas/page.ts';
import {
  continueItem,
  courseProgress,
  daysQuery,
  feedQuery,
  lessonEvent,
  playedDay,
  progressBatch,
  progressBatchResult,
  progressFeed,
  recordedEvent,
} from './schemas.ts';

export const contract = defineContract({
  'GET /progress': {
    operationId: 'listProgress',
    summary: 'List what changed in the learner’s progress',
    description:
      'By course, oldest change first, including courses that the learner left. The list never misses a change; one from the last half minute may come again. Without `since`, it returns everything, for a new device.',
    auth: 'learner',
    query: feedQuery,
    responses: { 200: progressFeed },
    problems: [],
  },

  'GET /progress/continue': {
    operationId: 'listCoursesToContinue',
    summary: 'List courses to resume, most recent first',
    description: 'Courses that the learner may read and has joined, and has not finished or is taking again.',
    auth: 'learner',
    query: pageQuery,
    responses: { 200: pageOf('ContinuePage', continueItem) },
    problems: [],
  },

  'GET /progress/days': {
    operationId: 'listPlayedDays',
    summary: 'List the days on which the learner played something, newest first',
    description:
      'For streaks and reviews. Only events with `playedSeconds` count. Leaving a course erases what was played in it.',
    auth: 'learner',
    query: daysQuery,
    responses: { 200: pageOf('PlayedDaysPage', playedDay) },
    problems: [],
  },

  'POST /progress/sync': {
    operationId: 'syncProgress',
    summary: 'Record what happened on a device, also while it was offline',
    description:
      'Events merge to the same state in any order and any number of repetitions. In case of doubt, send the same events again with the same ids. The first event of a course joins it.',
    auth: 'learner',
    body: progressBatch,
    itemsOf: 'events',
    responses: { 200: progressBatchResult },
    problems: [],
  },

  'GET /progress/{courseId}': {
    operationId: 'getCourseProgress',
    summary: 'Get the learner’s progress in one course',
    description: 'Also if the learner may no longer read the course.',
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
      'Leaving twice, or leaving a course that was never joined, changes nothing. Events from before are ignored, whenever they arrive. A newer event joins the course again.',
    auth: 'learner',
    path: { courseId },
    responses: { 204: null },
    problems: [],
  },

  'PUT /progress/{courseId}/lessons/{lessonId}': {
    operationId: 'recordLessonEvent',
    summary: 'Record one event',
    description: 'Like one event of `POST /progress/sync`, except that a rejection is a problem here.',
    auth: 'learner',
    path: { courseId, lessonId },
    body: lessonEvent,
    responses: { 200: recordedEvent },
    problems: ['not-found', 'forbidden'],
  },
});
