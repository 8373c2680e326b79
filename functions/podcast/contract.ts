import { defineContract } from '../../shared/http/contract.ts';
import { courseId } from '../../shared/schemas/course.ts';
import { episodeName, etags, feedAddress, feedDocument, feedToken } from './schemas.ts';

const feed = {
  summary: 'Get a private podcast feed',
  description:
    'RSS 2.0 with the tags of Apple and Podcasting 2.0. Not found as soon as the feed is revoked, the account is gone, or the learner may no longer read the course.',
  auth: 'public',
  path: { feedToken },
  headers: { 'if-none-match': etags },
  produces: 'application/rss+xml; charset=utf-8',
  responses: { 200: feedDocument, 304: null },
  problems: ['not-found'],
} as const;

const episode = {
  summary: 'Get the recording of an episode',
  description:
    'Redirects to a link that is signed for each request, so that the addresses in a podcast app never expire. A new recording gets a new address in the feed; earlier ones lead to it as well.',
  auth: 'public',
  path: { feedToken, lessonId: episodeName },
  responses: { 302: null },
  problems: ['not-found'],
} as const;

export const contract = defineContract({
  'POST /courses/{courseId}/feed': {
    operationId: 'openFeed',
    summary: 'Open the learner’s private podcast feed of a course',
    description:
      'The address is the same each time, until it is revoked. It is the only secret: everyone who has it can listen.',
    auth: 'learner',
    path: { courseId },
    responses: { 200: feedAddress },
    problems: ['not-found', 'forbidden'],
  },

  'DELETE /courses/{courseId}/feed': {
    operationId: 'revokeFeed',
    summary: 'Revoke the learner’s podcast feed of a course',
    description: 'Its address is no longer found, and the next feed has another one. Revoking twice changes nothing.',
    auth: 'learner',
    tokenOnly: true,
    path: { courseId },
    responses: { 204: null },
    problems: [],
  },

  'GET /feeds/{feedToken}': { operationId: 'getFeed', ...feed },
  // Podcast apps use HEAD to check that a feed exists, and to get the size of an episode, which the CDN answers after
  // the redirect.
  'HEAD /feeds/{feedToken}': { operationId: 'headFeed', ...feed },
  'GET /feeds/{feedToken}/episodes/{lessonId}': { operationId: 'getEpisode', ...episode },
  'HEAD /feeds/{feedToken}/episodes/{lessonId}': { operationId: 'headEpisode', ...episode },
});
