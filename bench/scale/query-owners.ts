const USERS = 'functions/auth/user/user-repository.ts';
const ACCOUNTS = 'functions/auth/user/account-repository.ts';
const SESSIONS = 'functions/auth/session/session-repository.ts';
const LIMITS = 'functions/auth/limit/rate-limit-repository.ts';
const CALLER = 'shared/access/caller-repository.ts';
const ACCESS = 'shared/access/course-access-repository.ts';
const OWNED = 'shared/db/ownership.ts';
const COURSES = 'functions/courses/course-repository.ts';
const LESSONS = 'functions/courses/lesson-repository.ts';
const RECORDINGS = 'functions/media-url/recording-repository.ts';
const FEEDS = 'functions/podcast/feed-repository.ts';
const LEARNER = 'functions/progress/learner/learner-repository.ts';
const PROGRESS = 'functions/progress/events/progress-repository.ts';
const CHANGES = 'functions/progress/changes/changes-repository.ts';
const CONTINUE = 'functions/progress/continue/continue-repository.ts';
const DAYS = 'functions/progress/days/days-repository.ts';

/**
 * Where each form of query is written. Add an entry for a new query, and look at its row in docs/scale.md: whether it has
 * an index, and whether it stays on one shard.
 */
export const QUERY_OWNERS: Readonly<Record<string, readonly string[]>> = {
  'courses {_id in}': [LEARNER],
  'courses {_id, published not}': [ACCESS],
  'courses {_id}': [COURSES, CHANGES, CONTINUE, FEEDS, RECORDINGS],
  'courses {catalog.keys} by catalog.byNewest': [COURSES],
  'courses {catalog.keys} by catalog.byTitle': [COURSES],
  'courses {catalog.terms $all} by catalog.byNewest': [COURSES],
  'feeds {_id}': [FEEDS],
  'feeds {courseId, userId}': [FEEDS],
  'feeds {userId}': [OWNED],
  'feeds {userId} by _id': [OWNED],
  'grants {_id in}': [LEARNER],
  'grants {_id}': [ACCESS, CONTINUE, FEEDS],
  'grants {userId}': [OWNED],
  'grants {userId} by _id': [OWNED],
  'lessons {_id in}': [RECORDINGS],
  'lessons {_id, open}': [LESSONS, RECORDINGS],
  'lessons {_id}': [LESSONS, FEEDS],
  'lessons {courseId}': [FEEDS],
  'progress {_id in, userId}': [LEARNER],
  'progress {_id, joinedAt not, userId}': [PROGRESS],
  'progress {_id, userId}': [PROGRESS],
  'progress {joinedAt not, userId} by userId, updatedAt, courseId': [CHANGES],
  'progress {resumable, userId} by userId, resumable, activeAt, courseId': [CONTINUE],
  'progress {userId}': [OWNED],
  'progress {userId} by _id': [OWNED, DAYS],
  'rateLimits {_id, count >}': [LIMITS],
  'rateLimits {_id}': [LIMITS],
  'sessions insert': [SESSIONS],
  'sessions {(createdAt < or _id <, createdAt), deviceId, userId}': [SESSIONS],
  'sessions {(createdAt > or _id >, createdAt), deviceId, epoch, expiresAt >, userId} by createdAt, _id': [SESSIONS],
  'sessions {_id not, deviceId not, userId} by lastUsedAt': [SESSIONS],
  'sessions {_id not, userId}': [ACCOUNTS],
  'sessions {_id not, userId} by lastUsedAt': [SESSIONS],
  'sessions {_id, generation}': [SESSIONS],
  'sessions {_id, userId}': [CALLER, SESSIONS],
  'sessions {_id}': [SESSIONS],
  'sessions {expiresAt >, userId} by lastUsedAt': [SESSIONS],
  'sessions {userId}': [ACCOUNTS, SESSIONS, OWNED],
  'sessions {userId} by _id': [OWNED],
  'users insert': [USERS],
  'users {_id, emailVerifiedAt, pending.verify exists}': [ACCOUNTS],
  'users {_id, passwordHash}': [ACCOUNTS],
  'users {_id, pending.reset.expiresAt >, pending.reset.hash}': [ACCOUNTS],
  'users {_id, pending.verify.expiresAt >, pending.verify.hash}': [ACCOUNTS],
  'users {_id}': [CALLER, USERS, ACCOUNTS, SESSIONS, OWNED],
  'users {_id} by _id': [OWNED],
  'users {emailKey}': [USERS],
};
