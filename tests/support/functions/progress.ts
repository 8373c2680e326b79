import { contract } from '../../../functions/progress/contract.ts';
import { handler } from '../../../functions/progress/handler.ts';
import type { CourseSource } from '../../../publishing/course/course-source.ts';
import { publishCourse } from '../../../publishing/publish/publish.ts';
import { closeDatabase } from '../../../shared/db/client.ts';
import { COLLECTIONS } from '../../../shared/db/collections.ts';
import { migrate } from '../../../shared/db/migrate.ts';
import { unscopedCollection } from '../../../shared/db/unscoped.ts';
import { buildSession, buildUser } from '../builders/account.ts';
import { buildLearnable } from '../builders/progress.ts';
import { type TestDatabase, useDatabase } from '../database/database.ts';
import { monitored } from '../database/queries.ts';
import { buildToken, useAccessTokens } from '../keys/access-tokens.ts';
import { MEDIA_URL } from '../keys/media-keys.ts';
import { SECRETS } from '../keys/secrets.ts';
import { type Answer, callerOf } from './call.ts';

/** How tests call the progress function. */
export interface ProgressCaller {
  readonly database: TestDatabase;
  publish(source: CourseSource): Promise<unknown>;
  /** A request of the learner that `buildToken()` names. */
  call(key: string, path?: Readonly<Record<string, string>>, query?: Readonly<Record<string, string>>): Promise<Answer>;
  send(key: string, body: unknown, path?: Readonly<Record<string, string>>): Promise<Answer>;
  /** A batch from a device whose clock is right. */
  sync(...events: readonly Readonly<Record<string, unknown>>[]): Promise<Answer>;
}

/**
 * Gives a test file the real progress function with its own database and the course of `buildLearnable()`. Call it
 * once, at the top of the file.
 */
export function useProgress(): ProgressCaller {
  useAccessTokens();
  const database = useDatabase();
  const call = callerOf(handler, contract);
  const headers = () => ({ Authorization: `Bearer ${buildToken()}` });
  const publish = (source: CourseSource) => publishCourse(database.db(), source);

  beforeAll(async () => {
    Object.assign(process.env, SECRETS, { MONGODB_URI: monitored(database.uri()), MEDIA_BASE_URL: MEDIA_URL });
    await migrate(database.db());
  });
  beforeEach(async () => {
    await Promise.all(Object.values(COLLECTIONS).map(({ name }) => database.db().collection(name).deleteMany({})));
    await unscopedCollection(database.db(), COLLECTIONS.users).insertOne(buildUser());
    await unscopedCollection(database.db(), COLLECTIONS.sessions).insertOne(buildSession());
    await publish(buildLearnable());
  });
  afterAll(() => closeDatabase());

  const send: ProgressCaller['send'] = (key, body, path = {}) =>
    call(key, {
      path,
      headers: { ...headers(), 'Content-Type': 'application/json' },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
  return {
    database,
    publish,
    call: (key, path = {}, query = {}) => call(key, { path, query, headers: headers() }),
    send,
    sync: (...events) => send('POST /progress/sync', { sentAt: new Date().toISOString(), events }),
  };
}
