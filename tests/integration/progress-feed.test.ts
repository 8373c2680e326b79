import { COLLECTIONS, collection } from '../../shared/db/collections.ts';
import { buildEvent, buildLearnable, useProgress } from '../support/progress.ts';
import { commandsOf } from '../support/queries.ts';
import { goodClaims } from '../support/tokens.ts';

const progress = useProgress();
const documents = () => collection(progress.database.db(), COLLECTIONS.progress);

interface Page {
  readonly items: { courseId: string; joinedAt: string | null; lessons: { lessonId: string; position: number }[] }[];
  readonly cursor: string;
  readonly hasMore: boolean;
}

const read = async (since?: string, limit = 20): Promise<Page> =>
  (await progress.call('GET /progress', {}, { limit: String(limit), ...(since !== undefined && { since }) })).body;

/** All there is after a cursor, page by page, to the end. */
async function drain(since?: string, limit = 20): Promise<Page> {
  const items: Page['items'] = [];
  let page = await read(since, limit);
  items.push(...page.items);
  while (page.hasMore) {
    page = await read(page.cursor, limit);
    items.push(...page.items);
  }
  return { ...page, items };
}

/** Makes all changes so old that no reader needs to look at them again. */
const settle = () => documents().updateMany({}, [{ $set: { updatedAt: { $subtract: ['$updatedAt', 120_000] } } }]);

async function publishMany(count: number): Promise<string[]> {
  const ids = Array.from({ length: count }, (_, index) => `course-${String(index).padStart(3, '0')}`);
  for (const id of ids) await progress.publish(buildLearnable({ id }));
  return ids;
}

describe('the feed of changes', () => {
  it('starts with all there is, except for courses that were left', async () => {
    await publishMany(2);
    for (const courseId of ['sound', 'course-000', 'course-001'])
      await progress.sync(buildEvent({ courseId, position: 5 }));
    await progress.call('DELETE /progress/{courseId}', { courseId: 'course-000' });
    const { items, hasMore } = await read();
    expect(items.map(({ courseId }) => courseId)).toEqual(['sound', 'course-001']);
    expect(items[0]?.lessons).toMatchObject([{ lessonId: 'one', position: 5 }]);
    expect(hasMore).toBe(false);
  });

  it('goes on with what changed since, a course that was left among it', async () => {
    const ids = await publishMany(3);
    for (const courseId of ids) await progress.sync(buildEvent({ courseId, position: 5 }));
    await settle();
    const { cursor } = await drain();
    expect((await read(cursor)).items).toEqual([]);

    await progress.sync(buildEvent({ courseId: 'course-001', position: 6 }));
    await progress.call('DELETE /progress/{courseId}', { courseId: 'course-002' });
    const { items } = await read(cursor);
    expect(items.map(({ courseId, joinedAt }) => [courseId, joinedAt === null])).toEqual([
      ['course-001', false],
      ['course-002', true],
    ]);
  });

  it('says nothing of an event that changed nothing', async () => {
    const event = buildEvent({ position: 5 });
    await progress.sync(event);
    await settle();
    const { cursor } = await drain();
    await progress.sync(event, buildEvent({ position: 1, occurredAt: new Date(Date.now() - 3_600_000).toISOString() }));
    expect((await read(cursor)).items).toEqual([]);
  });

  it('comes in pages, and misses nothing that changes between them', async () => {
    const ids = await publishMany(25);
    for (const courseId of ids) await progress.call('PUT /progress/{courseId}', { courseId });
    await settle();
    const first = await read(undefined, 10);
    // One that was handed out and one that was not change before the next page.
    await progress.sync(
      buildEvent({ courseId: 'course-003', position: 33 }),
      buildEvent({ courseId: 'course-020', position: 20 }),
    );
    const rest = await drain(first.cursor, 10);
    const seen = new Map([...first.items, ...rest.items].map((item) => [item.courseId, item.lessons[0]?.position]));
    expect([...seen.keys()].sort()).toEqual(ids);
    expect([seen.get('course-003'), seen.get('course-020')]).toEqual([33, 20]);
  });

  it('hands out again what came into view behind the reader', async () => {
    await publishMany(3);
    for (const courseId of ['course-000', 'course-001']) await progress.call('PUT /progress/{courseId}', { courseId });
    const first = await read(undefined, 1);
    // A write that began before what was handed out, and ended after.
    await progress.call('PUT /progress/{courseId}', { courseId: 'course-002' });
    await documents().updateOne({ courseId: 'course-002' }, { $set: { updatedAt: new Date(Date.now() - 10_000) } });
    const { cursor } = await drain(first.cursor, 1);
    expect((await read(cursor)).items.map(({ courseId }) => courseId)).toContain('course-002');
  });

  it('never misses a change of many writers, however small the pages of the reader', async () => {
    const ids = await publishMany(8);
    const latest = new Map<string, number>();
    const seen = new Map<string, number>();
    let writing = true;
    const note = ({ items }: Page) => {
      for (const { courseId, lessons } of items) seen.set(courseId, lessons[0]?.position ?? 0);
    };
    const write = async (courseId: string) => {
      for (let position = 1; position <= 25; position += 1) {
        const occurredAt = new Date(Date.now() - 60_000 + position).toISOString();
        const { body } = await progress.sync(buildEvent({ courseId, position, occurredAt }));
        expect(body.results[0].status).toBe('applied');
        latest.set(courseId, position);
      }
    };
    const poll = async () => {
      let page = await read(undefined, 2);
      note(page);
      while (writing || page.hasMore) {
        page = await read(page.cursor, 2);
        note(page);
      }
      // Only now is the last of them sure to be written: one more time, to the end.
      note(await drain(page.cursor, 2));
    };
    const polling = poll();
    await Promise.all(ids.map(write));
    writing = false;
    await polling;
    expect(Object.fromEntries(seen)).toEqual(Object.fromEntries(latest));
  });

  it.each([
    ['of somebody else', 'bm90LWEtcmVhbC1jdXJzb3ItYnV0LWxvbmctZW5vdWdo'],
    ['that is too short', 'abc'],
  ])('refuses a cursor %s', async (_, since) => {
    const { status, body } = await progress.call('GET /progress', {}, { since });
    expect([status, body.code, body.errors[0].pointer]).toEqual([400, 'invalid-request', '/since']);
  });

  it('also goes on from the cursor of a batch', async () => {
    const { body } = await progress.sync(buildEvent({ position: 7 }));
    expect((await read(body.cursor)).items).toMatchObject([{ courseId: 'sound' }]);
  });

  it('is one command, which reads no more than its page by an index', async () => {
    const { sub: userId } = goodClaims();
    const updatedAt = new Date();
    await progress.call('PUT /progress/{courseId}', { courseId: 'sound' });
    const template = await documents().findOne();
    if (template === null) throw new Error('Nothing was joined');
    await documents().insertMany(
      ['ada', userId].flatMap((owner) =>
        Array.from({ length: 300 }, (_, index) => ({
          ...template,
          _id: `${owner}/other-${index}`,
          userId: owner,
          courseId: `other-${index}`,
          updatedAt: new Date(updatedAt.getTime() - index),
          activeAt: new Date(updatedAt.getTime() - index),
        })),
      ),
    );
    for (const route of ['GET /progress', 'GET /progress/continue']) {
      const [command = {}, ...others] = await commandsOf(() => progress.call(route, {}, { limit: '10' }));
      expect(others).toEqual([]);
      // The union's own pipeline, as an aggregate of the collection it reads.
      const { coll, pipeline } = command['pipeline'].at(-1).$unionWith;
      const { stages } = await progress.database
        .db()
        .command({ explain: { aggregate: coll, pipeline, cursor: {} }, verbosity: 'executionStats' });
      const { executionStats } = stages[0].$cursor;
      expect(executionStats.totalDocsExamined).toBeLessThanOrEqual(11);
      expect(executionStats.totalKeysExamined).toBeLessThanOrEqual(12);
    }
  });
});
