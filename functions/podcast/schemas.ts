import { closedObject } from '../../shared/schemas/closed-object.ts';
import { url } from '../../shared/schemas/course.ts';

/** The address of a feed. */
export const feedAddress = closedObject(
  { url },
  {
    title: 'FeedAddress',
    examples: [{ url: 'https://api.example.com/v1/feeds/q83vEjRWeJAKfHlzJm5wVQ0aRsdkXn2bTzL4hG1uYIo' }],
  },
);

/** Accepts any text as a token: an invalid one gets the same answer as a revoked one. */
export const feedToken = {
  type: 'string',
  maxLength: 128,
  examples: ['q83vEjRWeJAKfHlzJm5wVQ0aRsdkXn2bTzL4hG1uYIo'],
} as const;

/**
 * The id of a lesson, the version of its file, and the extension, which some apps go by. Only the id is required: any
 * other address of the episode that an app still has leads to the current file.
 */
export const episodeName = {
  title: 'EpisodeName',
  type: 'string',
  pattern: '^[a-z0-9]+(?:-[a-z0-9]+)*(?:\\.[0-9a-f]{8})?(?:\\.[a-z0-9]{2,4})?$',
  maxLength: 78,
  examples: ['birds-at-dawn.2c26b46b.mp3'],
} as const;

export const etags = {
  title: 'IfNoneMatch',
  type: 'string',
  description: 'The `ETag` of the app’s copy. If it is current, the answer is 304.',
  examples: ['"8Rxnq3vEjRWeJAKfHlzJm5w"'],
} as const;

export const feedDocument = {
  title: 'PodcastFeed',
  description: 'RSS 2.0.',
  type: 'string',
  examples: [
    '<?xml version="1.0" encoding="UTF-8"?><rss version="2.0"><channel><title>Listening to the world</title></channel></rss>',
  ],
} as const;
