import { ADMIN, type Journey, LEARNER, TOKEN } from './journey.ts';

const OPEN = 'POST /courses/listening-to-the-world/feed';
const REVOKE = 'DELETE /courses/listening-to-the-world/feed';
const FEED = '/feeds/<feed token>';
const EPISODE = `${FEED}/episodes/birds-at-dawn`;
const NEVER_MADE = 'A'.repeat(43);

/** A private feed, from its creation to the end of its learner (docs/media.md). */
export const PODCAST: Journey = [
  { request: OPEN },
  { request: REVOKE, authorization: 'Bearer not-a-token' },
  { request: `GET /feeds/${NEVER_MADE}` },
  { request: `HEAD /feeds/${NEVER_MADE}` },
  { request: `GET /feeds/${NEVER_MADE}`, ifNoneMatch: '*' },
  { request: `GET /feeds/${'A'.repeat(129)}` },
  { request: 'GET /feeds/%7B%22%24ne%22%3Anull%7D' },
  { request: 'GET /feeds/', scenario: 'unknown route' },

  { request: 'POST /auth/login', body: LEARNER },
  { request: 'POST /courses/seeing-with-numbers/feed', ...TOKEN },
  { request: 'POST /courses/no-such-course/feed', ...TOKEN },
  { request: 'POST /courses/Not-A-Slug/feed', ...TOKEN },
  { request: OPEN, ...TOKEN },
  { request: OPEN, ...TOKEN },

  // Opening it twice gives the same address.
  { request: 'GET /feeds/<earlier feed token>' },
  { request: `GET ${FEED}` },
  { request: `GET ${FEED}`, ifNoneMatch: '<entity tag>', scenario: 'route, not modified' },
  { request: `GET ${FEED}`, ifNoneMatch: '"another", W/<entity tag>', scenario: 'route, not modified' },
  { request: `GET ${FEED}`, ifNoneMatch: '"another"' },
  { request: `HEAD ${FEED}` },
  { request: `HEAD ${FEED}`, ifNoneMatch: '<entity tag>', scenario: 'route, not modified' },
  { request: `POST ${FEED}`, scenario: 'unknown route' },

  { request: `GET ${EPISODE}.mp3` },
  { request: `GET ${EPISODE}` },
  { request: `HEAD ${EPISODE}.mp3` },
  { request: `GET ${FEED}/episodes/no-such-lesson.mp3` },
  { request: `HEAD ${FEED}/episodes/no-such-lesson.mp3` },
  { request: `GET ${FEED}/episodes/Not-A-Slug.mp3` },
  { request: `GET /feeds/${NEVER_MADE}/episodes/birds-at-dawn.mp3` },
  { request: `OPTIONS ${EPISODE}.mp3`, scenario: 'preflight' },

  { request: REVOKE, ...TOKEN },
  { request: REVOKE, ...TOKEN },
  { request: `GET ${FEED}` },
  { request: `GET ${FEED}`, ifNoneMatch: '<entity tag>' },
  { request: `GET ${EPISODE}.mp3` },
  { request: OPEN, ...TOKEN },
  { request: `GET ${FEED}` },
  { request: 'GET /feeds/<earlier feed token>' },

  // It outlives the session, but not the account.
  { request: 'POST /auth/logout', ...TOKEN },
  { request: OPEN, ...TOKEN },
  { request: `GET ${FEED}` },
  { request: 'POST /auth/login', body: LEARNER },
  { request: 'DELETE /auth/me', ...TOKEN, body: { password: '<password>' } },
  { request: `GET ${FEED}` },
  { request: `GET ${EPISODE}.mp3` },

  // A course with streams and an article, which podcast apps cannot play.
  { request: 'POST /auth/login', body: ADMIN },
  { request: 'POST /courses/seeing-with-numbers/feed', ...TOKEN },
  { request: `GET ${FEED}` },
  { request: `GET ${FEED}/episodes/spread.mp4` },
];
