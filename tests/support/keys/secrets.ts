/** The random secrets of functions, as a deployment has them in Parameter Store. */
export const SECRETS = {
  CURSOR_KEY: 'a-cursor-key-for-tests-of-some-length',
  REFRESH_KEY: 'a-refresh-key-for-tests-of-some-length',
  RATE_LIMIT_KEY: 'a-limits-key-for-tests-of-some-length',
  FEED_KEY: 'a-feed-key-for-tests-of-some-length',
} as const;
