import { ADMIN, type Journey, LEARNER, TOKEN } from './journey.ts';

/** Who may read which lesson (docs/access.md). */
export const LESSONS: Journey = [
  { request: 'GET /courses/listening-to-the-world/lessons/what-a-sound-is', scenario: 'no token' },
  {
    request: 'GET /courses/listening-to-the-world/lessons/what-a-sound-is',
    authorization: 'Bearer not-a-token',
    scenario: 'token refused',
  },
  { request: 'POST /auth/login', body: LEARNER },
  { request: 'GET /courses/writing-that-teaches/lessons/one-lesson-one-promise', ...TOKEN },
  { request: 'GET /courses/listening-to-the-world/lessons/what-a-sound-is', ...TOKEN },
  { request: 'GET /courses/listening-to-the-world/lessons/no-such-lesson', ...TOKEN },
  { request: 'GET /courses/seeing-with-numbers/lessons/spread', ...TOKEN, scenario: 'access denied' },
  { request: 'GET /courses/no-such-course/lessons/no-such-lesson', ...TOKEN, scenario: 'access denied' },
  { request: 'OPTIONS /courses/seeing-with-numbers/lessons/spread', scenario: 'preflight' },
  { request: 'POST /auth/logout', ...TOKEN },
  // Another lesson than those above, for which the local gateway, like API Gateway, has cached a permission.
  { request: 'GET /courses/listening-to-the-world/lessons/birds-at-dawn', ...TOKEN, scenario: 'token refused' },
  { request: 'POST /auth/login', body: ADMIN },
  { request: 'GET /courses/seeing-with-numbers/lessons/spread', ...TOKEN },
];
