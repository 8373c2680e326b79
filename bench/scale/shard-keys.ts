/** What to shard a collection by, once one replica set is too small. Null for one that stays on one shard. */
export const SHARD_KEYS: Readonly<Record<string, { readonly fields: readonly string[]; readonly why: string } | null>> =
  {
    progress: {
      fields: ['userId'],
      why: 'nearly all of the data and of the writes; a learner’s courses stay together',
    },
    sessions: { fields: ['_id'], why: 'each request confirms its session by id; lists by account are rare' },
    rateLimits: { fields: ['_id'], why: 'only ever found by id' },
    users: null,
    grants: null,
    feeds: null,
    courses: null,
    lessons: null,
    revisions: null,
  };
