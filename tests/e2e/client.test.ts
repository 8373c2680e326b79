import { createLectern, type KeyValueStorage, type Lectern } from '../../client/src/index.ts';
import { publishCourse } from '../../publishing/publish/publish.ts';
import { buildAudio, buildLearnable } from '../support/builders/progress.ts';
import { useSystem } from '../support/system/system.ts';

/* The parts of the client together, as an app uses them, against the whole system over HTTP. */

const { system, database } = useSystem();
const FACT = { courseId: 'sound', lessonId: 'one' };
const ADA = { email: 'ada@example.com', password: 'seven swans a-swimming', name: 'Ada' };
const BEN = { email: 'ben@example.com', password: 'six geese a-laying', name: 'Ben' };

const texts = new Map<string, string>();
const storage: KeyValueStorage = {
  getItem: (key) => texts.get(key) ?? null,
  setItem: (key, text) => texts.set(key, text),
  removeItem: (key) => texts.delete(key),
};
let isOnline = true;
const opened: Lectern[] = [];

/** The app on the device, started anew. */
async function startApp(): Promise<Lectern> {
  for (const app of opened.splice(0)) app.close();
  const app = await createLectern({
    baseUrl: system().apiUrl,
    storage,
    fetch: (url, init) => (isOnline ? fetch(url, init) : Promise.reject(new TypeError('Failed to fetch'))),
  });
  opened.push(app);
  return app;
}

beforeAll(async () => {
  await publishCourse(database.db(), buildLearnable({ id: 'sound', lessons: [buildAudio('one'), buildAudio('two')] }));
});
afterAll(() => {
  for (const app of opened) app.close();
});

it('is of nobody before anybody signs in', async () => {
  const app = await startApp();
  expect(await app.learner()).toBeNull();
  expect((await app.api.GET('/courses')).data?.items).toContainEqual(expect.objectContaining({ id: FACT.courseId }));
  await app.sync();
});

it('keeps what two learners do offline on one device, and sends it as theirs', async () => {
  let app = await startApp();
  await app.session.signUp(BEN);
  await app.session.signOut();
  const ada = await app.session.signUp(ADA);
  const first = await app.learner();
  isOnline = false;
  await first?.progress.record({ ...FACT, position: 7 });
  await app.session.signOut();
  isOnline = true;

  await app.session.signIn(BEN);
  const second = await app.learner();
  await second?.progress.record({ ...FACT, lessonId: 'two', position: 9 });
  await app.sync();
  await expect(first?.progress.sync()).rejects.toThrow();
  const { data: bens } = await app.api.GET('/progress/{courseId}', { params: { path: { courseId: 'sound' } } });
  expect(bens?.lessons.map(({ lessonId, position }) => [lessonId, position])).toEqual([['two', 9]]);

  app = await startApp();
  await app.session.signIn(ADA);
  const again = await app.learner();
  expect(again).toMatchObject({ userId: ada.id, downloads: null });
  expect(again?.progress.lesson('sound', 'one').position).toBe(7);
  await app.sync();
  const { data: adas } = await app.api.GET('/progress/{courseId}', { params: { path: { courseId: 'sound' } } });
  expect(adas?.lessons.map(({ lessonId, position }) => [lessonId, position])).toEqual([['one', 7]]);
});

it('is still signed in after the app was started without a network', async () => {
  isOnline = false;
  const app = await startApp();
  expect(app.session.user()?.name).toBe('Ada');
  expect((await app.learner())?.progress.lesson('sound', 'one').position).toBe(7);
  await expect(app.sync()).rejects.toThrow();
  isOnline = true;
  await app.sync();
});
