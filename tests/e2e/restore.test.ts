import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { Db } from 'mongodb';
import { openProgressQueue, type ProgressQueue } from '../../client/src/progress-queue.ts';
import { type System, startSystem } from '../../local/system.ts';
import { publishCourse } from '../../publishing/publish/publish.ts';
import { COLLECTIONS } from '../../shared/db/collections.ts';
import { unscopedCollection } from '../../shared/db/unscoped.ts';
import { createRandomKey } from '../../tools/keys/local-secrets.ts';
import { buildGrant } from '../support/builders/account.ts';
import { buildCourseSource } from '../support/builders/course-source.ts';
import { buildAudio, buildLearnable } from '../support/builders/progress.ts';
import { snapshotOf } from '../support/database/contents.ts';
import { dumpDatabase, restoreDatabase } from '../support/database/dump.ts';
import { type HttpAnswer, type HttpLearner, registerLearner, send } from '../support/system/client.ts';
import { useOwnDatabase } from '../support/system/own-database.ts';
import { runScript } from '../support/system/script.ts';
import { useSystemOn } from '../support/system/system.ts';

/*
 * The drill of docs/operations/database.md: a database is lost, and restored from a backup that is older. In between,
 * learners went on. This file takes the steps of "Restore from a dump", with the whole system over HTTP.
 */

const root = path.resolve(import.meta.dirname, '../..');
const logged: unknown[] = [];

/** The system on the restored database. */
let restored: System | undefined;
// Before the hooks of the database, which ends after its users.
afterAll(() => restored?.stop());
const { system: lost, dataDir, database } = useSystemOn(useOwnDatabase, { log: (entry) => logged.push(entry) });

const inDatabase = <T>(work: (db: Db) => Promise<T>) => database.query((client) => work(client.db('lectern')));
const dump = () => path.join(dataDir(), 'dump');
const apiUrl = () => restored?.apiUrl ?? lost().apiUrl;
const migrate = () => runScript('scripts/migrate.ts', [], { MONGODB_URI: database.uri() });

/** Starts the system with other values of some keys, as functions have them once they read their parameters again. */
async function startWithNewKeys(...names: readonly string[]): Promise<void> {
  await restored?.stop();
  const file = path.join(dataDir(), 'secrets.json');
  const secrets: Record<string, string> = JSON.parse(await readFile(file, 'utf8'));
  for (const name of names) secrets[name] = createRandomKey();
  await writeFile(file, JSON.stringify(secrets));
  restored = await startSystem({
    root,
    dataDir: dataDir(),
    functionsDir: path.join(dataDir(), 'functions'),
    port: 0,
    env: { ...process.env, MONGODB_URI: database.uri() },
    report: () => undefined,
    log: (entry) => logged.push(entry),
  });
}

/** A device of a learner, with the queue to copy into apps. Its storage survives. */
function device(learner: HttpLearner) {
  let stored: string | null = null;
  let nowMs = Date.now();
  const open = (): Promise<ProgressQueue> =>
    openProgressQueue({
      baseUrl: apiUrl(),
      accessToken: async () => learner.accessToken,
      storage: {
        load: async () => stored,
        save: async (text) => {
          stored = text;
        },
      },
      // Stands still between steps, so that events keep their times when they are sent again.
      now: () => nowMs,
      monotonic: () => nowMs,
    });
  return {
    async play(position: number, courseId = 'sound'): Promise<void> {
      nowMs = Date.now();
      const queue = await open();
      await queue.record({ courseId, lessonId: 'one', position, playedSeconds: 5 });
    },
    async pull(): Promise<ProgressQueue> {
      const queue = await open();
      await queue.pull();
      return queue;
    },
  };
}
type Device = ReturnType<typeof device>;

const refresh = (refreshToken: string) => send(apiUrl(), 'POST', '/auth/refresh', { body: { refreshToken } });
const login = ({ email, password }: Pick<HttpLearner, 'email' | 'password'>) =>
  send(apiUrl(), 'POST', '/auth/login', { body: { email, password } });
const as = ({ accessToken }: Pick<HttpLearner, 'accessToken'>, method: string, route: string, body?: unknown) =>
  send(apiUrl(), method, route, { accessToken, body });

/** Asks until the answer passes. Has no timeout of its own: jest's ends the wait. */
async function until(ask: () => Promise<HttpAnswer>, passes: (answer: HttpAnswer) => boolean): Promise<HttpAnswer> {
  for (;;) {
    const answer = await ask();
    if (passes(answer)) return answer;
    await wait(20);
  }
}

const PAID = '/courses/paid/lessons/say-one-thing';

let ada: HttpLearner;
let ben: HttpLearner;
let eve: HttpLearner;
let phone: Device;
let tablet: Device;
let late: HttpLearner;
let latestToken: string;
let feed: string;
let contents: Awaited<ReturnType<typeof snapshotOf>>;

beforeAll(async () => {
  // What the backup has.
  await inDatabase(async (db) => {
    await publishCourse(db, buildLearnable());
    await publishCourse(db, buildCourseSource({ id: 'paid', access: 'restricted' }));
  });
  [ada, ben, eve] = (await Promise.all(
    ['ada', 'ben', 'eve'].map((name) => registerLearner(apiUrl(), `${name}@example.com`)),
  )) as [HttpLearner, HttpLearner, HttpLearner];
  await inDatabase((db) =>
    unscopedCollection(db, COLLECTIONS.grants).insertOne(buildGrant('paid', { userId: ada.id })),
  );
  [phone, tablet] = [device(ada), device(ada)];
  await phone.play(20);
  await phone.pull();
  await tablet.pull();
  feed = (await as(ada, 'POST', '/courses/sound/feed')).body.url;
  await login({ ...ben, password: 'a wrong guess' });
  await inDatabase(async (db) => {
    await dumpDatabase(db, dump());
    contents = await snapshotOf(db);
  });

  // What it lacks.
  await phone.play(60);
  await phone.pull();
  await tablet.pull();
  await phone.play(70);
  latestToken = (await refresh((await refresh(ada.refreshToken)).body.tokens.refreshToken)).body.tokens.refreshToken;
  late = await registerLearner(apiUrl(), 'late@example.com');
  await as(eve, 'DELETE', '/auth/me', { password: eve.password });
  await inDatabase((db) => publishCourse(db, buildLearnable({ id: 'later', lessons: [buildAudio('one')] })));
  await phone.play(30, 'later');
  await phone.pull();

  // The disaster, and the steps of the document.
  await database.stop();
  await database.lose();
  await lost().stop();
  await database.start();
  await inDatabase((db) => restoreDatabase(db, dump()));
}, 120_000);

describe('the restored database', () => {
  it('has every document, collection option and index of the dump, so that a migration has nothing to do', async () => {
    expect(Object.keys(contents)).toEqual(expect.arrayContaining(Object.values(COLLECTIONS).map(({ name }) => name)));
    for (const [name, documents] of Object.entries(contents)) expect([name, documents]).not.toEqual([name, []]);
    expect(await inDatabase(snapshotOf)).toEqual(contents);
    expect(await migrate()).toEqual({ code: 0, stdout: 'lectern: nothing to do\n', stderr: '' });
  });

  it('gets missing indexes from a migration, if the backup had none', async () => {
    await inDatabase((db) => db.collection('sessions').dropIndexes());
    const { code, stdout } = await migrate();
    expect([code, stdout]).toEqual([0, 'lectern: created sessions.user_used, sessions.expiry\n']);
    expect(await inDatabase(snapshotOf)).toEqual(contents);
  });
});

describe('after the erasures are repeated, the courses published again and the cursor key replaced', () => {
  beforeAll(async () => {
    const erased = logged.flatMap(
      (entry) => /"Account erased".*?"userId":"(\w+)"/.exec(JSON.stringify(entry))?.[1] ?? [],
    );
    expect(erased).toEqual([eve.id]);
    const { stdout } = await runScript('scripts/erase-accounts.ts', erased, { MONGODB_URI: database.uri() });
    expect(stdout).toBe(`${eve.id}: erased\n`);
    await inDatabase((db) => publishCourse(db, buildLearnable({ id: 'later', lessons: [buildAudio('one')] })));
    await startWithNewKeys('CURSOR_KEY');
  }, 120_000);

  it('learners of the backup sign in, read what they may, and keep their feeds', async () => {
    const { status, body } = await login(ada);
    expect(status).toBe(200);
    const { accessToken } = body.tokens;
    expect((await as({ accessToken }, 'GET', PAID)).status).toBe(200);
    expect((await as(ben, 'GET', PAID)).status).toBe(403);
    const address = feed.replace(/.*\/feeds/, '/feeds');
    const response = await fetch(`${apiUrl()}${address}`);
    expect([response.status, await response.text()]).toEqual([200, expect.stringContaining('<rss')]);
  });

  it('an access token of the lost time still works for the session that the backup has', async () => {
    expect((await as(ada, 'GET', '/auth/me')).status).toBe(200);
  });

  it('an account of the lost time is refused, and can be registered again', async () => {
    expect((await as(late, 'GET', '/auth/me')).status).toBe(401);
    expect((await refresh(late.refreshToken)).status).toBe(401);
    expect((await login(late)).status).toBe(401);
    await registerLearner(apiUrl(), late.email);
  });

  it('an account that was erased in the lost time stays erased', async () => {
    expect((await login(eve)).status).toBe(401);
    expect((await refresh(eve.refreshToken)).status).toBe(401);
  });

  it('a device that sends its accepted events again brings back what the backup lacks, also to other devices', async () => {
    const before = await as(ada, 'GET', '/progress/sound');
    expect(before.body.lessons).toMatchObject([{ lessonId: 'one', position: 20, secondsPlayed: 5 }]);

    // The tablet has no events of its own: it shows what the server has.
    expect((await tablet.pull()).lesson('sound', 'one')).toMatchObject({ position: 20, secondsPlayed: 5 });
    const afterwards = await phone.pull();
    for (const queue of [afterwards, await tablet.pull()]) {
      expect(queue.lesson('sound', 'one')).toMatchObject({ position: 70, furthest: 70, secondsPlayed: 15 });
      expect(queue.lesson('later', 'one')).toMatchObject({ position: 30, secondsPlayed: 5 });
    }
    expect((await as(ada, 'GET', '/progress/sound')).body.lessons).toMatchObject([{ position: 70, secondsPlayed: 15 }]);
  });

  it('a refresh token from before the backup still works', async () => {
    expect((await refresh(ben.refreshToken)).status).toBe(200);
  });

  it('a refresh token that is later than the backup ends its session, and operators read why', async () => {
    const before = logged.length;
    expect(await refresh(latestToken)).toMatchObject({ status: 401, body: { code: 'invalid-token' } });
    expect(JSON.stringify(logged.slice(before))).toMatch(/A refresh token is later than its session/);
    // The token of the backup was used up before, so that only somebody who copied it can have it.
    expect((await refresh(ada.refreshToken)).status).toBe(401);
    expect((await login(ada)).status).toBe(200);
  });

  it('counters of attempts go on, and end with their windows', async () => {
    const counters = await inDatabase((db) => db.collection('rateLimits').find().toArray());
    expect(counters.length).toBeGreaterThan(0);
    const indexes = await inDatabase((db) => db.collection('rateLimits').indexes());
    expect(indexes).toContainEqual(expect.objectContaining({ name: 'expiry', expireAfterSeconds: 0 }));
  });

  it('a course that is published shows at once, also after a restore in place of a running system', async () => {
    const get = () => send(apiUrl(), 'GET', '/courses/news');
    const publish = () => inDatabase((db) => publishCourse(db, buildCourseSource({ id: 'news' })));
    expect((await get()).status).toBe(404);
    await publish();
    await until(get, ({ status }) => status === 200);
    await inDatabase(async (db) => {
      await db.collection<{ _id: string }>('courses').deleteOne({ _id: 'news' });
      await restoreDatabase(db, dump());
    });
    await until(get, ({ status }) => status === 404);
    await publish();
    await until(get, ({ status }) => status === 200);
  });
});

describe('after the refresh key is replaced too', () => {
  beforeAll(() => startWithNewKeys('REFRESH_KEY'), 120_000);

  it('every session of the backup has ended, and learners sign in with their passwords', async () => {
    for (const { refreshToken } of [ada, ben]) expect((await refresh(refreshToken)).status).toBe(401);
    for (const learner of [ada, ben]) expect((await login(learner)).status).toBe(200);
  });
});
