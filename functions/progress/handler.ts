import { authenticate } from '../../shared/auth/authenticate.ts';
import { createHandler } from '../../shared/http/handler.ts';
import { listProgress } from './changes/changes.ts';
import { listCoursesToContinue } from './continue/continue.ts';
import { contract } from './contract.ts';
import { listPlayedDays } from './days/days.ts';
import { joinCourse, leaveCourse } from './events/join-and-leave.ts';
import { recordLessonEvent } from './events/lesson-event.ts';
import { syncProgress } from './events/sync.ts';
import { findCourseProgress } from './learner/learner.ts';

export const handler = createHandler(
  contract,
  {
    'GET /progress': ({ principal, query }) => listProgress(principal, query),
    'GET /progress/continue': ({ principal, query }) => listCoursesToContinue(principal, query),
    'GET /progress/days': ({ principal, query }) => listPlayedDays(principal, query),
    'POST /progress/sync': ({ principal, body }) => syncProgress(principal, body),
    'GET /progress/{courseId}': ({ principal, path }) => findCourseProgress(principal, path.courseId),
    'PUT /progress/{courseId}': ({ principal, path }) => joinCourse(principal, path.courseId),
    'DELETE /progress/{courseId}': ({ principal, path }) => leaveCourse(principal, path.courseId),
    'PUT /progress/{courseId}/lessons/{lessonId}': ({ principal, path, body }) =>
      recordLessonEvent(principal, path, body),
  },
  { authenticate },
);
