import { ADMIN, type Journey, LEARNER, TOKEN } from './journey.ts';

const LESSON_OF_MEMBERS = 'GET /courses/listening-to-the-world/lessons/birds-at-dawn/media-url';
const RESTRICTED_LESSON = 'GET /courses/seeing-with-numbers/lessons/spread/media-url';
const BATCH = 'POST /courses/listening-to-the-world/media-urls';
const RESTRICTED_BATCH = 'POST /courses/seeing-with-numbers/media-urls';

/** Who may play which recording, and what opens it (docs/media.md). */
export const PLAYBACK: Journey = [
  // Without an account: lessons of public courses, and previews of others.
  { request: 'GET /courses/listening-to-the-world/previews/what-a-sound-is/media-url' },
  { request: 'GET /courses/seeing-with-numbers/previews/mean-and-median/media-url' },
  { request: 'GET /courses/listening-to-the-world/previews/birds-at-dawn/media-url' },
  { request: 'GET /courses/writing-that-teaches/previews/plain-sentences/media-url' },
  { request: 'GET /courses/no-such-course/previews/no-such-lesson/media-url' },
  { request: 'GET /courses/listening-to-the-world/previews/Not-A-Slug/media-url' },
  { request: LESSON_OF_MEMBERS },
  { request: LESSON_OF_MEMBERS, authorization: 'Bearer not-a-token' },
  { request: BATCH, body: { lessonIds: ['birds-at-dawn'] } },

  { request: 'POST /auth/login', body: LEARNER },
  { request: LESSON_OF_MEMBERS, ...TOKEN },
  { request: 'GET /courses/seeing-with-numbers/lessons/mean-and-median/media-url', ...TOKEN },
  { request: RESTRICTED_LESSON, ...TOKEN },
  { request: 'GET /courses/seeing-with-numbers/lessons/no-such-lesson/media-url', ...TOKEN },
  { request: 'GET /courses/listening-to-the-world/lessons/no-such-lesson/media-url', ...TOKEN },
  { request: 'GET /courses/writing-that-teaches/lessons/plain-sentences/media-url', ...TOKEN },
  { request: 'GET /courses/no-such-course/lessons/no-such-lesson/media-url', ...TOKEN },
  { request: 'GET /courses/listening-to-the-world/lessons/Not-A-Slug/media-url', ...TOKEN },
  { request: 'HEAD /courses/listening-to-the-world/lessons/birds-at-dawn/media-url', ...TOKEN, scenario: 'HEAD' },

  { request: BATCH, ...TOKEN, body: { lessonIds: ['birds-at-dawn', 'no-such-lesson', 'Not A Slug', 7, null] } },
  { request: BATCH, ...TOKEN, body: { lessonIds: ['birds-at-dawn', 'birds-at-dawn'] } },
  { request: BATCH, ...TOKEN, body: { lessonIds: [] } },
  { request: BATCH, ...TOKEN, body: { lessonIds: Array.from({ length: 201 }, () => 'birds-at-dawn') } },
  { request: BATCH, ...TOKEN, body: { lessonIds: 'birds-at-dawn' } },
  { request: BATCH, ...TOKEN, body: {} },
  { request: BATCH, ...TOKEN, body: '{"lessonIds":' },
  { request: BATCH, ...TOKEN },
  { request: RESTRICTED_BATCH, ...TOKEN, body: { lessonIds: ['mean-and-median', 'spread', 'no-such-lesson'] } },
  { request: 'POST /courses/no-such-course/media-urls', ...TOKEN, body: { lessonIds: ['no-such-lesson'] } },
  { request: 'OPTIONS /courses/listening-to-the-world/media-urls', scenario: 'preflight' },

  { request: 'POST /auth/logout', ...TOKEN },
  { request: LESSON_OF_MEMBERS, ...TOKEN },

  { request: 'POST /auth/login', body: ADMIN },
  { request: RESTRICTED_LESSON, ...TOKEN },
  { request: RESTRICTED_BATCH, ...TOKEN, body: { lessonIds: ['mean-and-median', 'spread', 'choosing-a-chart'] } },
];
