import { PUBLISHED_VERSION } from '../../publishing/migration/lift-course.ts';
import { migrateDatabase } from '../../publishing/migration/migrate-database.ts';
import { publishCourse } from '../../publishing/publish/publish.ts';
import { COLLECTIONS, collection } from '../../shared/db/collections.ts';
import { migrate } from '../../shared/db/migrate.ts';
import { buildArticle, buildCourseSource } from '../support/builders/course-source.ts';
import { useDatabase } from '../support/database/database.ts';

const { db } = useDatabase();

const courses = () => collection(db(), COLLECTIONS.courses);
const lessons = () => collection(db(), COLLECTIONS.lessons);
const revisions = () => collection(db(), COLLECTIONS.revisions);

const SEPTEMBER = new Date('2026-09-01T06:00:20.000Z');
const OCTOBER = new Date('2026-10-01T08:00:00.000Z');
const NOVEMBER = new Date('2026-11-02T09:30:00.000Z');

const sourceOf = (id: string, lessonIds: readonly string[]) =>
  buildCourseSource({ id, lessons: lessonIds.map((lesson) => buildArticle({ id: lesson })) });
const publish = (id: string, now: Date, ...lessonIds: string[]) =>
  publishCourse(db(), sourceOf(id, lessonIds), { now: () => now });

/** Makes a course look as before versions, when lessons had the time of the publication that they appeared in. */
async function makeOld(courseId: string, dates: Readonly<Record<string, Date>>): Promise<void> {
  await courses().updateOne({ _id: courseId }, { $unset: { version: '', lessonDates: '' } });
  await revisions().updateMany({ courseId }, { $unset: { version: '' } });
  await makeLessonsOld(courseId, dates);
}

async function makeLessonsOld(courseId: string, dates: Readonly<Record<string, Date>>): Promise<void> {
  for (const [id, firstPublishedAt] of Object.entries(dates)) {
    const change = { $set: { firstPublishedAt }, $unset: { version: '' } } as const;
    await lessons().updateOne({ _id: `${courseId}/${id}` }, change);
  }
}

/** One lesson was removed, one put in between, one added at the end. */
async function addOldCourse(id = 'writing'): Promise<void> {
  await publish(id, SEPTEMBER, 'one', 'gone', 'two');
  await publish(id, OCTOBER, 'one', 'between', 'two');
  await publish(id, NOVEMBER, 'one', 'between', 'two', 'last');
  await makeOld(id, { one: SEPTEMBER, two: SEPTEMBER, between: OCTOBER, last: NOVEMBER });
}

const DATES = {
  one: '2026-09-01T03:45:00.000Z',
  gone: '2026-09-01T04:45:00.000Z',
  between: '2026-09-01T04:14:00.000Z',
  two: '2026-09-01T05:45:00.000Z',
  last: '2026-11-02T09:15:00.000Z',
};

const inText = (dates: Readonly<Record<string, Date>> = {}) =>
  Object.fromEntries(Object.entries(dates).map(([id, date]) => [id, date.toISOString()]));
const contents = async () => ({
  courses: await courses().find().sort({ _id: 1 }).toArray(),
  lessons: await lessons().find().sort({ _id: 1 }).toArray(),
  revisions: await revisions().find().sort({ _id: 1 }).toArray(),
});

beforeAll(() => migrate(db()));
afterEach(() => Promise.all([courses().deleteMany({}), lessons().deleteMany({}), revisions().deleteMany({})]));

describe('migrating documents', () => {
  it('changes nothing if all have the current version', async () => {
    await publish('writing', OCTOBER, 'one');
    const before = await contents();
    expect(await migrateDatabase(db())).toMatchObject({ lifted: [] });
    expect(await contents()).toEqual(before);
  });

  it('dates the lessons of courses without a version by their revisions, also lessons that were removed', async () => {
    await addOldCourse();
    expect(await migrateDatabase(db())).toMatchObject({ lifted: ['writing'] });
    expect(inText((await courses().findOne())?.lessonDates)).toEqual(DATES);
    for (const { lesson, firstPublishedAt } of await lessons().find().toArray()) {
      expect([lesson.id, firstPublishedAt.toISOString()]).toEqual([lesson.id, DATES[lesson.id as keyof typeof DATES]]);
    }
  });

  it('changes nothing that readers have, and no revision', async () => {
    await addOldCourse();
    const before = await contents();
    await migrateDatabase(db());
    const after = await contents();
    expect(after.courses).toEqual([
      { ...before.courses[0], version: PUBLISHED_VERSION, lessonDates: expect.anything() },
    ]);
    expect(after.lessons).toEqual(
      before.lessons.map((lesson) => ({ ...lesson, version: PUBLISHED_VERSION, firstPublishedAt: expect.anything() })),
    );
    expect(after.revisions).toEqual(before.revisions);
  });

  it('changes nothing the second time', async () => {
    await addOldCourse();
    await migrateDatabase(db());
    const before = await contents();
    expect(await migrateDatabase(db())).toMatchObject({ lifted: [] });
    expect(await contents()).toEqual(before);
  });

  it('may run twice at the same time', async () => {
    await addOldCourse();
    await addOldCourse('drawing');
    const runs = await Promise.all([migrateDatabase(db()), migrateDatabase(db())]);
    expect(runs.flatMap(({ lifted }) => lifted).sort()).toEqual(['drawing', 'writing']);
    expect((await courses().find().toArray()).map(({ lessonDates }) => inText(lessonDates))).toEqual([DATES, DATES]);
  });

  it('leaves a course as it was if it fails, keeps what it did, and completes it the next time', async () => {
    await addOldCourse('drawing');
    await addOldCourse('writing');
    const before = await contents();
    const lifting = { 'lesson.id': 'two', courseId: 'writing', version: PUBLISHED_VERSION };
    await db().command({ collMod: 'lessons', validator: { $nor: [lifting] }, validationLevel: 'strict' });
    await expect(migrateDatabase(db())).rejects.toThrow(/validation/);
    await db().command({ collMod: 'lessons', validator: {} });

    const after = await contents();
    expect(after.courses.map(({ version }) => version)).toEqual([PUBLISHED_VERSION, undefined]);
    expect(after.courses[1]).toEqual(before.courses[1]);
    expect(after.lessons.slice(4)).toEqual(before.lessons.slice(4));
    expect(await migrateDatabase(db())).toMatchObject({ lifted: ['writing'] });
    expect((await courses().find().toArray()).map(({ lessonDates }) => inText(lessonDates))).toEqual([DATES, DATES]);
  });

  it('lifts again what an older publisher wrote after the migration, and changes no other date', async () => {
    await addOldCourse();
    await migrateDatabase(db());
    const december = new Date('2026-12-01T00:00:00.000Z');
    const dates = (await courses().findOne())?.lessonDates ?? {};
    await publish('writing', december, 'one', 'between', 'two', 'last', 'later');
    // It sets the fields that it knows, so the course keeps its version and dates, and it replaces the lessons.
    await courses().updateOne({}, { $set: { lessonDates: dates } });
    await makeLessonsOld('writing', {
      one: SEPTEMBER,
      two: SEPTEMBER,
      between: OCTOBER,
      last: NOVEMBER,
      later: december,
    });

    expect(await migrateDatabase(db())).toMatchObject({ lifted: ['writing'] });
    expect(inText((await courses().findOne())?.lessonDates)).toEqual({ ...DATES, later: '2026-11-30T23:45:00.000Z' });
    expect((await lessons().findOne({ _id: 'writing/one' }))?.firstPublishedAt.toISOString()).toBe(DATES.one);
  });
});

describe('migrating lessons without headings', () => {
  it('stores that they have none, and keeps those of lessons that have some', async () => {
    await publish('writing', OCTOBER, 'one');
    await publishCourse(db(), buildCourseSource({ id: 'drawing', lessons: [buildArticle({ markdown: '## A line' })] }));
    await lessons().updateOne({ courseId: 'writing' }, { $unset: { 'lesson.headings': '' }, $set: { version: 1 } });
    await lessons().updateOne({ courseId: 'drawing' }, { $set: { version: 1 } });
    const before = await contents();

    expect((await migrateDatabase(db())).lifted.toSorted()).toEqual(['drawing', 'writing']);
    const after = await contents();
    const headings = after.lessons.map(({ lesson }) => lesson.headings);
    expect(headings).toEqual([[{ id: 'user-content-a-line', level: 2, title: 'A line' }], []]);
    expect(after.courses).toEqual(before.courses);
    expect(after.revisions).toEqual(before.revisions);
    expect(await migrateDatabase(db())).toMatchObject({ lifted: [] });
  });
});

describe('publishing a course whose documents have no version', () => {
  const DECEMBER = new Date('2026-12-01T00:00:00.000Z');

  it('dates its lessons as a migration does', async () => {
    await addOldCourse();
    await publish('writing', DECEMBER, 'one', 'between', 'two', 'last', 'new');
    const course = await courses().findOne();
    expect([course?.version, inText(course?.lessonDates)]).toEqual([
      PUBLISHED_VERSION,
      { ...DATES, new: '2026-11-30T23:45:00.000Z' },
    ]);
    expect(await migrateDatabase(db())).toMatchObject({ lifted: [] });
  });

  it('creates no revision if the content is unchanged', async () => {
    await addOldCourse();
    expect(await publish('writing', DECEMBER, 'one', 'between', 'two', 'last')).toEqual({
      status: 'unchanged',
      revision: 3,
    });
    expect((await courses().findOne())?.version).toBe(PUBLISHED_VERSION);
  });
});
