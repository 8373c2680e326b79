import { contract } from '../../functions/progress/contract.ts';
import { handler } from '../../functions/progress/handler.ts';
import type { CourseSource, LessonSource } from '../../publishing/publish/course-source.ts';
import { publishCourse } from '../../publishing/publish/publish.ts';
import { closeDatabase } from '../../shared/db/client.ts';
import { COLLECTIONS, type ProgressDocument } from '../../shared/db/collections.ts';
import { migrate } from '../../shared/db/migrate.ts';
import { unscopedCollection } from '../../shared/db/unscoped.ts';
import { buildArticle, buildCourseSource, buildRecording } from './builders/course-source.ts';
import { buildSession, buildUser } from './builders/reader.ts';
import { type Answer, callerOf } from './call.ts';
import { type TestDatabase, useDatabase } from './mongod.ts';
import { monitored } from './queries.ts';
import { buildToken, goodClaims, useAccessTokens } from './tokens.ts';

/** An audio lesson of 100 s, so that positions are percentages. */
export function buildAudio(id: string): LessonSource {
  return buildRecording({ id, title: `About ${id}`, durationSeconds: 100 });
}

/** A course of three audio lessons, `one`, `two` and `three`, and an article, `text`. */
export function buildLearnable(
  overrides: Partial<CourseSource> & { lessons?: readonly LessonSource[] } = {},
): CourseSource {
  const lessons = [
    buildAudio('one'),
    buildAudio('two'),
    buildAudio('three'),
    buildArticle({ id: 'text', title: 'A text' }),
  ];
  return buildCourseSource({ id: 'sound', title: 'Sound', lessons, ...overrides });
}

/** An event id with a readable number. */
export function eventId(number: number): string {
  return `00000000-0000-7000-8000-${number.toString(16).padStart(12, '0')}`;
}

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

let events = 0;

/** An event of the first lesson, a minute ago, with a new id each time. */
export function buildEvent(overrides: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  events += 1;
  return {
    eventId: eventId(events),
    courseId: 'sound',
    lessonId: 'one',
    occurredAt: new Date(Date.now() - 60_000).toISOString(),
    ...overrides,
  };
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
    process.env['MONGODB_URI'] = monitored(database.uri());
    process.env['CURSOR_KEY'] = 'a cursor key for tests, long enough';
    process.env['MEDIA_BASE_URL'] = 'https://media.example.com';
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

/** The document of a learner who has joined a course and done nothing yet. */
export function buildProgress(overrides: Partial<ProgressDocument> = {}): ProgressDocument {
  const { userId = goodClaims().sub, courseId = 'sound' } = overrides;
  const joinedAt = new Date();
  return {
    _id: `${userId}/${courseId}`,
    userId,
    courseId,
    joinedAt,
    leftAt: null,
    updatedAt: joinedAt,
    activeAt: joinedAt,
    lastEvent: null,
    lessons: {},
    completion: null,
    resumable: true,
    recentEvents: [],
    ...overrides,
  };
}
