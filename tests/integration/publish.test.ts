import type { ArticleSource, LessonSource } from '../../publishing/course/course-source.ts';
import { publishCourse } from '../../publishing/publish/publish.ts';
import { withdrawCourse } from '../../publishing/publish/withdraw.ts';
import { COLLECTIONS, collection } from '../../shared/db/collections.ts';
import { migrate } from '../../shared/db/migrate.ts';
import { buildArticle, buildCourseSource } from '../support/builders/course-source.ts';
import { useDatabase } from '../support/database/database.ts';

const { db } = useDatabase();

const courses = () => collection(db(), COLLECTIONS.courses);
const lessons = () => collection(db(), COLLECTIONS.lessons);
const revisions = () => collection(db(), COLLECTIONS.revisions);

const lessonIds = async (courseId: string) =>
  (await lessons().find({ courseId }).sort({ _id: 1 }).toArray()).map(({ lesson }) => lesson.id);

const OCTOBER = new Date('2026-10-01T08:00:00.000Z');
const NOVEMBER = new Date('2026-11-02T09:30:00.000Z');
const DECEMBER = new Date('2026-12-03T10:00:00.000Z');

beforeAll(() => migrate(db()));
afterEach(() => Promise.all([courses().deleteMany({}), lessons().deleteMany({}), revisions().deleteMany({})]));

describe('publishing', () => {
  it('creates the first revision of a new course', async () => {
    const source = buildCourseSource({ lessons: [buildArticle({ id: 'one' }), buildArticle({ id: 'two' })] });
    expect(await publishCourse(db(), source, { now: () => OCTOBER })).toEqual({ status: 'published', revision: 1 });

    expect(await courses().findOne({ _id: source.id })).toMatchObject({
      access: 'public',
      lastRevision: 1,
      everPublishedLessonIds: ['one', 'two'],
      published: { publishedAt: OCTOBER.toISOString(), updatedAt: OCTOBER.toISOString(), lessonCount: 2 },
    });
    expect(await lessons().findOne({ _id: `${source.id}/one` })).toMatchObject({
      courseId: source.id,
      open: true,
      lesson: { courseRevision: 1, html: '<p>A lesson says <em>one</em> thing.</p>', next: { id: 'two' } },
    });
  });

  it('changes nothing if the course is unchanged', async () => {
    const source = buildCourseSource();
    await publishCourse(db(), source, { now: () => OCTOBER });
    const before = await courses().findOne({ _id: source.id });

    expect(await publishCourse(db(), source, { now: () => NOVEMBER })).toEqual({ status: 'unchanged', revision: 1 });
    expect(await courses().findOne({ _id: source.id })).toEqual(before);
    expect(await revisions().countDocuments()).toBe(1);
  });

  it('replaces the lessons, remembers removed ones, and keeps the date of the first publication', async () => {
    const [one, two, three] = ['one', 'two', 'three'].map((id) => buildArticle({ id }));
    const of = (...given: (typeof one)[]) =>
      buildCourseSource({ lessons: given.filter((lesson) => lesson !== undefined) });
    await publishCourse(db(), of(one, two), { now: () => OCTOBER });

    expect(await publishCourse(db(), of(two, three), { now: () => NOVEMBER })).toEqual({
      status: 'published',
      revision: 2,
    });
    expect(await lessonIds('writing-that-teaches')).toEqual(['three', 'two']);
    expect(await courses().findOne({})).toMatchObject({
      lastRevision: 2,
      everPublishedLessonIds: ['one', 'two', 'three'],
      published: { revision: 2, publishedAt: OCTOBER.toISOString(), updatedAt: NOVEMBER.toISOString() },
    });
  });

  describe('of lessons', () => {
    const [one, two, three] = ['one', 'two', 'three'].map((id) => buildArticle({ id })) as [
      ...[ArticleSource, ArticleSource, ArticleSource],
    ];
    const publishAt = (now: Date, ...given: readonly LessonSource[]) =>
      publishCourse(db(), buildCourseSource({ lessons: given }), { now: () => now });
    const dateOf = async (id: string) => {
      const lesson = await lessons().findOne({ _id: `writing-that-teaches/${id}` });
      const course = await courses().findOne({ _id: 'writing-that-teaches' });
      expect(lesson?.firstPublishedAt).toEqual(course?.lessonDates[id]);
      return lesson?.firstPublishedAt.toISOString();
    };

    it('keeps the date of the first publication, and dates new ones', async () => {
      await publishAt(OCTOBER, one, two);
      await publishAt(NOVEMBER, { ...one, title: 'Another title' }, two, three);
      expect([await dateOf('one'), await dateOf('two'), await dateOf('three')]).toEqual([
        ...['2026-10-01T06:45:00.000Z', '2026-10-01T07:45:00.000Z', '2026-11-02T09:15:00.000Z'],
      ]);
    });

    it('gives a lesson that returns its date again, also after the course was unpublished', async () => {
      await publishAt(OCTOBER, one, two);
      await publishAt(NOVEMBER, two);
      await courses().updateOne({}, { $set: { published: null }, $unset: { catalog: '' } });
      await publishAt(new Date('2026-12-01T00:00:00.000Z'), three, two, one);
      expect([await dateOf('one'), await dateOf('two')]).toEqual([
        ...['2026-10-01T06:45:00.000Z', '2026-10-01T07:45:00.000Z'],
      ]);
    });
  });

  it('leaves earlier revisions and other courses unchanged', async () => {
    await publishCourse(db(), buildCourseSource({ id: 'other' }));
    await publishCourse(db(), buildCourseSource());
    const before = await revisions().findOne({ _id: 'writing-that-teaches@1' });
    await publishCourse(db(), buildCourseSource({ title: 'New' }));

    expect(await revisions().findOne({ _id: 'writing-that-teaches@1' })).toEqual(before);
    expect(await lessonIds('other')).toEqual(['say-one-thing']);
  });

  it('keeps the other fields of the course', async () => {
    await publishCourse(db(), buildCourseSource());
    await db()
      .collection('courses')
      .updateOne({}, { $set: { draft: { title: 'Not yet' } } });
    await publishCourse(db(), buildCourseSource({ title: 'New' }));
    expect(await courses().findOne({})).toMatchObject({ draft: { title: 'Not yet' }, lastRevision: 2 });
  });

  it('publishes the same content again after unpublishing, with the next revision and the original date', async () => {
    const source = buildCourseSource();
    await publishCourse(db(), source, { now: () => OCTOBER });
    await withdrawCourse(db(), source.id);

    expect(await publishCourse(db(), source, { now: () => NOVEMBER })).toEqual({ status: 'published', revision: 2 });
    expect(await courses().findOne({})).toMatchObject({ published: { publishedAt: OCTOBER.toISOString() } });
  });
});

describe('withdrawing', () => {
  const source = buildCourseSource({ access: 'members', lessons: [buildArticle({ id: 'one' })] });
  const publish = (now: Date, overrides = {}) => publishCourse(db(), { ...source, ...overrides }, { now: () => now });
  const withdraw = (now: Date) => withdrawCourse(db(), source.id, { now: () => now });

  it('removes the course and its lessons from readers, and keeps its revisions', async () => {
    await publishCourse(db(), buildCourseSource({ id: 'other' }));
    await publish(OCTOBER);
    const published = (await courses().findOne({ _id: source.id }))?.published;
    expect(await withdraw(NOVEMBER)).toBe('withdrawn');

    const course = await courses().findOne({ _id: source.id });
    expect(course).toMatchObject({ published: null, withdrawn: published, lastRevision: 1 });
    expect(course).not.toHaveProperty('catalog');
    expect([await lessonIds(source.id), await lessonIds('other')]).toEqual([[], ['say-one-thing']]);
    expect(await revisions().countDocuments({ courseId: source.id })).toBe(1);
  });

  it('changes nothing the second time', async () => {
    await publish(OCTOBER);
    await withdraw(NOVEMBER);
    const before = await courses().findOne();
    expect(await withdraw(DECEMBER)).toBe('unchanged');
    expect(await courses().findOne()).toEqual(before);
  });

  it('is refused for a course that was never published', async () => {
    await expect(withdraw(OCTOBER)).rejects.toMatchObject({ code: 'not-found' });
    expect(await courses().countDocuments()).toBe(0);
  });

  it('is undone by publishing again, and each lesson keeps the date of its first publication', async () => {
    const dates = async () =>
      Object.fromEntries((await lessons().find().toArray()).map((each) => [each.lesson.id, each.firstPublishedAt]));
    await publish(OCTOBER);
    const before = await dates();
    await withdraw(NOVEMBER);
    await publish(DECEMBER);

    const course = await courses().findOne();
    expect(course).toMatchObject({ published: { revision: 2, publishedAt: OCTOBER.toISOString() } });
    expect(course).not.toHaveProperty('withdrawn');
    expect(await dates()).toEqual(before);
    expect(Object.keys(before)).toEqual(['one']);
  });

  it('at the same moment as publishing leaves the course and its lessons either live or not', async () => {
    await publish(OCTOBER);
    await Promise.all([publish(NOVEMBER, { title: 'New' }), withdraw(NOVEMBER)]);
    const isLive = (await courses().findOne())?.published !== null;
    expect(await lessonIds(source.id)).toEqual(isLive ? ['one'] : []);
  });
});

describe('the earlier access of a course', () => {
  const publish = (now: Date, overrides = {}) =>
    publishCourse(db(), buildCourseSource({ access: 'members', ...overrides }), { now: () => now });
  const earlierAccess = async () => (await courses().findOne())?.earlierAccess;

  it('is not recorded as long as it does not change', async () => {
    await publish(OCTOBER);
    await publish(NOVEMBER, { title: 'New' });
    expect(await earlierAccess()).toBeUndefined();
  });

  it('has each access that ended, and when', async () => {
    await publish(OCTOBER);
    await publish(NOVEMBER, { access: 'restricted' });
    expect(await earlierAccess()).toEqual([{ access: 'members', until: NOVEMBER }]);
    await withdrawCourse(db(), 'writing-that-teaches', { now: () => NOVEMBER });
    await publish(DECEMBER, { access: 'restricted' });
    expect(await earlierAccess()).toEqual([
      { access: 'members', until: NOVEMBER },
      { access: 'restricted', until: NOVEMBER },
      { access: null, until: DECEMBER },
    ]);
  });

  it('does not begin with a draft', async () => {
    await db().collection<{ _id: string }>('courses').insertOne({ _id: 'writing-that-teaches' });
    await publish(OCTOBER);
    expect(await earlierAccess()).toBeUndefined();
  });
});

describe('concurrent publishers', () => {
  it('all succeed, one after the other, and all lessons belong to one revision', async () => {
    const titles = ['a', 'b', 'c', 'd', 'e', 'f'];
    const sources = titles.map((title) =>
      buildCourseSource({ title, lessons: titles.map((id) => buildArticle({ id, title })) }),
    );
    const publications = await Promise.all(sources.map((source) => publishCourse(db(), source)));

    expect(publications.map(({ revision }) => revision).sort()).toEqual([1, 2, 3, 4, 5, 6]);
    const course = await courses().findOne({});
    const published = await lessons().find().toArray();
    expect(course?.lastRevision).toBe(6);
    expect(published).toHaveLength(6);
    for (const { lesson } of published) {
      expect(lesson).toMatchObject({ courseRevision: 6, title: course?.published?.title });
    }
    expect(await revisions().distinct('revision')).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it('of the same content create one revision', async () => {
    const publications = await Promise.all(Array.from({ length: 4 }, () => publishCourse(db(), buildCourseSource())));
    expect(publications.map(({ revision }) => revision)).toEqual([1, 1, 1, 1]);
    expect(publications.filter(({ status }) => status === 'published')).toHaveLength(1);
    expect(await revisions().countDocuments()).toBe(1);
  });
});

describe('a publication that fails', () => {
  it('leaves the old revision intact if the database rejects a part of the new one', async () => {
    await publishCourse(db(), buildCourseSource());
    const before = [await courses().findOne({}), await lessons().find().toArray()];
    await db().command({
      collMod: 'lessons',
      validator: { 'lesson.title': { $ne: 'Refused' } },
      validationLevel: 'strict',
    });
    const bad = buildCourseSource({
      lessons: [buildArticle({ id: 'fine' }), buildArticle({ id: 'bad', title: 'Refused' })],
    });
    await expect(publishCourse(db(), bad)).rejects.toThrow(/validation/);
    await db().command({ collMod: 'lessons', validator: {} });

    expect([await courses().findOne({}), await lessons().find().toArray()]).toEqual(before);
    expect(await revisions().countDocuments()).toBe(1);
  });

  it('is refused before any write if the course is too large for the database', async () => {
    const markdown = 'x'.repeat(6 * 1024 * 1024);
    const text = { ...buildArticle().text, markdown };
    const source = buildCourseSource({ lessons: ['a', 'b', 'c'].map((id) => buildArticle({ id, text })) });
    await expect(publishCourse(db(), source)).rejects.toMatchObject({
      code: 'payload-too-large',
      message: expect.stringMatching(/writing-that-teaches .* takes 18\.0 MiB, .* at most 16 MiB/),
    });
    expect(await courses().countDocuments()).toBe(0);
  });

  it('does not happen as long as the course fits', async () => {
    const text = { ...buildArticle().text, markdown: 'x'.repeat(16 * 1024 * 1024 - 4096) };
    await publishCourse(db(), buildCourseSource({ lessons: [buildArticle({ text })] }));
    expect(await revisions().countDocuments()).toBe(1);
  });
});
