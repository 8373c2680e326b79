import { authenticate } from '../../shared/auth/authenticate.ts';
import { createHandler } from '../../shared/http/handler.ts';
import { contract } from './contract.ts';
import { findEpisode, findFeed } from './feed.ts';
import { openFeed, revokeFeed } from './subscription.ts';

export const handler = createHandler(
  contract,
  {
    'POST /courses/{courseId}/feed': ({ principal, path, apiUrl }) => openFeed(principal, path.courseId, apiUrl),
    'DELETE /courses/{courseId}/feed': ({ principal, path }) => revokeFeed(principal, path.courseId),
    'GET /feeds/{feedToken}': ({ path, headers, apiUrl }) => findFeed(path.feedToken, headers['if-none-match'], apiUrl),
    'HEAD /feeds/{feedToken}': ({ path, headers, apiUrl }) =>
      findFeed(path.feedToken, headers['if-none-match'], apiUrl),
    'GET /feeds/{feedToken}/episodes/{lessonId}': ({ path }) => findEpisode(path.feedToken, path.lessonId),
    'HEAD /feeds/{feedToken}/episodes/{lessonId}': ({ path }) => findEpisode(path.feedToken, path.lessonId),
  },
  { authenticate },
);
