import { decodePlace, encodePlace } from '../../functions/progress/changes/changes-cursor.ts';
import { COLLECTIONS, type LessonRegisters } from '../../shared/db/collections.ts';
import { unscopedCollection } from '../../shared/db/unscoped.ts';
import { buildEvent, buildLearnable, buildProgress } from '../support/builders/progress.ts';
import { commandsOf, explain } from '../support/database/queries.ts';
import { useProgress } from '../support/functions/progress.ts';
import { goodClaims } from '../support/keys/access-tokens.ts';

const progress = useProgress();
const { sub: userId } = goodClaims();
const documents = () => unscopedCollection(progress.database.db(), COLLECTIONS.progress);

interface Page {
  readonly items: {
    courseId: string;
    joinedAt: string | null;
    leftAt: string | null;
    lessonsTotal: number;
    fraction: number;
    lessons: { lessonId: string; position: number }[];
  }[];
  readonly cursor: string;
  readonly hasMore: boolean;
}

const read = async (since?: string, limit = 20): Promise<Page> =>
  (await progress.call('GET /progress', {}, { limit: String(limit), ...(since !== undefined && { since }) })).body;

/** Reads all pages after a cursor. */
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

/** Makes all changes so old that readers need not read them again. */
const settle = () => documents().updateMany({}, [{ $set: { updatedAt: { $subtract: ['$updatedAt', 120_000] } } }]);

/** Joins courses that are not published, ten minutes ago and a second apart by default. */
async function joinMany(count: number, joined = (index: number) => new Date(Date.now() - 600_000 + index * 1000)) {
  const ids = Array.from({ length: count }, (_, index) => `course-${String(index).padStart(3, '0')}`);
  await documents().insertMany(ids.map((courseId, index) => buildProgress({ courseId, updatedAt: joined(index) })));
  return ids;
}

async function publishMany(count: number): Promise<string[]> {
  const ids = Array.from({ length: count }, (_, index) => `course-${String(index).padStart(3, '0')}`);
  for (const id of ids) await progress.publish(buildLearnable({ id }));
  return ids;
}

describe('the list of changes', () => {
  it('starts with all courses that the learner has not left', async () => {
    await publishMany(2);
    for (const courseId of ['sound', 'course-000', 'course-001'])
      await progress.sync(buildEvent({ courseId, position: 5 }));
    await progress.call('DELETE /progress/{courseId}', { courseId: 'course-000' });
    const { items, hasMore } = await read();
    expect(items.map(({ courseId }) => courseId)).toEqual(['sound', 'course-001']);
    expect(items[0]?.lessons).toMatchObject([{ lessonId: 'one', position: 5 }]);
    expect(hasMore).toBe(false);
  });

  it('continues with later changes, including courses that were left', async () => {
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

  it('shows that a course was left, and nothing that was erased', async () => {
    await progress.sync(buildEvent({ completed: true }), buildEvent({ lessonId: 'two', position: 5 }));
    await settle();
    const { cursor } = await drain();
    const before = new Date().toISOString();
    await progress.call('DELETE /progress/{courseId}', { courseId: 'sound' });
    const [left, ...others] = (await read(cursor)).items;
    expect(others).toEqual([]);
    expect(left).toEqual({
      courseId: 'sound',
      joinedAt: null,
      leftAt: expect.any(String),
      updatedAt: expect.any(String),
      lastLessonId: null,
      lessonsCompleted: 0,
      lessonsTotal: 4,
      fraction: 0,
      completedAt: null,
      completedRevision: null,
      secondsPlayed: 0,
      lessons: [],
    });
    expect(left?.leftAt && left.leftAt >= before).toBe(true);
  });

  it('includes progress in a course that is no longer published', async () => {
    await progress.sync(buildEvent({ completed: true, position: 40 }));
    const courses = progress.database.db().collection<{ _id: string }>(COLLECTIONS.courses.name);
    await courses.updateOne({ _id: 'sound' }, { $set: { published: null } });
    expect((await read()).items).toMatchObject([
      {
        courseId: 'sound',
        lessonsTotal: 0,
        fraction: 0,
        lessons: [{ lessonId: 'one', position: 40, completed: true }],
      },
    ]);
  });

  it('omits events that changed nothing', async () => {
    const event = buildEvent({ position: 5 });
    await progress.sync(event);
    await settle();
    const { cursor } = await drain();
    await progress.sync(event, buildEvent({ position: 1, occurredAt: new Date(Date.now() - 3_600_000).toISOString() }));
    expect((await read(cursor)).items).toEqual([]);
  });

  it('misses no change between pages', async () => {
    const ids = await publishMany(25);
    for (const courseId of ids) await progress.call('PUT /progress/{courseId}', { courseId });
    await settle();
    const first = await read(undefined, 10);
    // Before the next page, one course of the first page changes and one of a later page.
    await progress.sync(
      buildEvent({ courseId: 'course-003', position: 33 }),
      buildEvent({ courseId: 'course-020', position: 20 }),
    );
    const rest = await drain(first.cursor, 10);
    const seen = new Map([...first.items, ...rest.items].map((item) => [item.courseId, item.lessons[0]?.position]));
    expect([...seen.keys()].sort()).toEqual(ids);
    expect([seen.get('course-003'), seen.get('course-020')]).toEqual([33, 20]);
  });

  it('misses no change between the largest pages, including courses that are left', async () => {
    const ids = await joinMany(230);
    for (const id of ['course-003', 'course-120']) await progress.publish(buildLearnable({ id }));
    const first = await read(undefined, 100);
    expect([first.items.length, first.hasMore]).toEqual([100, true]);
    // Of each kind, one course of the first page and one of a later page.
    await progress.sync(
      buildEvent({ courseId: 'course-003', position: 3 }),
      buildEvent({ courseId: 'course-120', position: 12 }),
    );
    for (const courseId of ['course-050', 'course-150'])
      await progress.call('DELETE /progress/{courseId}', { courseId });

    const rest = await drain(first.cursor, 100);
    const seen = new Map([...first.items, ...rest.items].map((item) => [item.courseId, item]));
    expect([...seen.keys()].sort()).toEqual(ids);
    expect(['course-003', 'course-120'].map((id) => seen.get(id)?.lessons[0]?.position)).toEqual([3, 12]);
    const left = [...seen.values()].filter(({ joinedAt }) => joinedAt === null);
    expect(left.map(({ courseId }) => courseId)).toEqual(['course-050', 'course-150']);
  });

  it('distinguishes changes of the same moment', async () => {
    const moment = new Date(Date.now() - 600_000);
    const ids = await joinMany(7, () => moment);
    expect((await drain(undefined, 2)).items.map(({ courseId }) => courseId)).toEqual(ids);
  });

  it('limits the size of a page, down to one course', async () => {
    const registers: LessonRegisters = {
      position: { at: new Date(), by: '0197f0b4-6f52-7c1e-9a53-0d9f6c1f2a44', value: 1 },
      furthest: null,
      completion: null,
      firstCompletion: null,
    };
    const sizes = [2600, 2600, 6000, 100, 100];
    await documents().insertMany(
      sizes.map((size, index) =>
        buildProgress({
          courseId: `large-${index}`,
          updatedAt: new Date(Date.now() - 600_000 + index),
          lessons: Object.fromEntries(Array.from({ length: size }, (_, lesson) => [`lesson-${lesson}`, registers])),
        }),
      ),
    );
    const pages = [await read()];
    while (pages.at(-1)?.hasMore) pages.push(await read(pages.at(-1)?.cursor));
    expect(pages.map(({ items }) => items.map(({ lessons }) => lessons.length))).toEqual([
      [2600],
      [2600],
      [6000],
      [100, 100],
    ]);
  });

  it('repeats changes that became visible behind the cursor', async () => {
    await publishMany(3);
    for (const courseId of ['course-000', 'course-001']) await progress.call('PUT /progress/{courseId}', { courseId });
    const first = await read(undefined, 1);
    // A write that began before the first page and ended after it.
    await progress.call('PUT /progress/{courseId}', { courseId: 'course-002' });
    await documents().updateOne({ courseId: 'course-002' }, { $set: { updatedAt: new Date(Date.now() - 10_000) } });
    const { cursor } = await drain(first.cursor, 1);
    expect((await read(cursor)).items.map(({ courseId }) => courseId)).toContain('course-002');
  });

  it('stores where to return to on the first page near the present, and not before', async () => {
    await joinMany(3);
    expect((await decodePlace(userId, (await read(undefined, 1)).cursor)).floor).toBeNull();

    await documents().updateMany({}, [{ $set: { updatedAt: '$$NOW' } }]);
    const before = Date.now();
    const { floor } = await decodePlace(userId, (await read(undefined, 1)).cursor);
    // Some seconds allow for writes that were in progress.
    expect(floor?.getTime()).toBeLessThan(before - 10_000);
  });

  it('returns after a long pass to its first page near the present', async () => {
    await joinMany(3, () => new Date());
    // By its cursor, the pass began minutes ago. A write from that time became visible later.
    const ago = (seconds: number) => new Date(Date.now() - seconds * 1000);
    await documents().insertOne(buildProgress({ courseId: 'late', updatedAt: ago(290) }));
    const since = await encodePlace(userId, { after: { updatedAt: ago(60), courseId: '' }, floor: ago(300) });

    const { items, cursor } = await drain(since, 1);
    expect(items.map(({ courseId }) => courseId)).toEqual(['course-000', 'course-001', 'course-002']);
    expect((await read(cursor)).items.map(({ courseId }) => courseId)).toContain('late');
  });

  it('never misses a change of many writers, however small the pages', async () => {
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
      // All writes have finished by now, so read to the end once more.
      note(await drain(page.cursor, 2));
    };
    const polling = poll();
    await Promise.all(ids.map(write));
    writing = false;
    await polling;
    expect(Object.fromEntries(seen)).toEqual(Object.fromEntries(latest));
  });

  it.each([
    [
      'of somebody else',
      () => encodePlace('somebody-else', { after: { updatedAt: new Date(), courseId: '' }, floor: null }),
    ],
    [
      'of another list',
      async () => (await progress.call('GET /progress/continue', {}, { limit: '1' })).body.nextCursor,
    ],
    ['that was altered', async () => (await read()).cursor.replace(/^./, (first) => (first === 'A' ? 'B' : 'A'))],
    ['that is truncated', async () => (await read()).cursor.slice(0, -4)],
    ['that was made up', () => 'bm90LWEtcmVhbC1jdXJzb3ItYnV0LWxvbmctZW5vdWdo'],
  ])('rejects a cursor %s', async (_, cursorOf) => {
    await joinMany(2);
    const { status, body } = await progress.call('GET /progress', {}, { since: await cursorOf() });
    expect([status, body.code, body.errors]).toEqual([
      400,
      'invalid-request',
      [expect.objectContaining({ in: 'query', pointer: '/since' })],
    ]);
  });

  it('also continues from the cursor of a batch', async () => {
    const { body } = await progress.sync(buildEvent({ position: 7 }));
    expect((await read(body.cursor)).items).toMatchObject([{ courseId: 'sound' }]);
  });
});

describe('reading progress', () => {
  const next = {
    'GET /progress': ({ cursor }: { cursor: string }) => ({ since: cursor }),
    'GET /progress/continue': ({ nextCursor }: { nextCursor: string }) => ({ cursor: nextCursor }),
  } as const;

  it.each([
    ['GET /progress', 'user_updated'],
    ['GET /progress/continue', 'user_resumable_active'],
  ] as const)('with %s takes one command, which reads only its page, by an index', async (route, index) => {
    const ids = Array.from({ length: 300 }, (_, number) => `course-${number}`);
    for (const id of ids.slice(20, 40)) await progress.publish(buildLearnable({ id }));
    const time = (number: number) => new Date(Date.now() - 600_000 + number * 1000);
    await documents().insertMany(
      ['ada', userId, 'zoe'].flatMap((owner) =>
        ids.map((courseId, number) =>
          // One list is oldest first, the other newest first: both sort these courses by number.
          buildProgress({ userId: owner, courseId, updatedAt: time(number), activeAt: time(-number) }),
        ),
      ),
    );
    let query: Record<string, string> = { limit: '10' };
    for (let page = 1; page <= 4; page += 1) {
      const [command = {}, ...others] = await commandsOf(async () => {
        const { status, body } = await progress.call(route, {}, query);
        expect(status).toBe(200);
        query = { limit: '10', ...next[route](body) };
      });
      expect(others).toEqual([]);
      const plan = await explain(progress.database.db(), command);
      expect(plan.stages).not.toContain('COLLSCAN');
      expect(plan.stages).not.toContain('SORT');
      expect([...new Set(plan.indexes)].sort()).toEqual(['_id_', index]);
      // One row for the session with its account, and eleven for the page.
      expect(plan.returned).toBe(1 + 11);
      // The session, the account, eleven documents of progress and one that is skipped, and eleven courses.
      expect(plan.docsExamined).toBeLessThanOrEqual(2 + 12 + 11);
      expect(plan.keysExamined).toBeLessThanOrEqual(2 + 12 + 11);
    }
  });

  it('of one course takes one command, by keys only', async () => {
    await progress.sync(buildEvent({ position: 5 }));
    await joinMany(50);
    const [command = {}, ...others] = await commandsOf(() =>
      progress.call('GET /progress/{courseId}', { courseId: 'sound' }),
    );
    expect(others).toEqual([]);
    const { stages, keysExamined, docsExamined } = await explain(progress.database.db(), command);
    expect(stages).not.toContain('COLLSCAN');
    // The session, the account, the course and the progress. There is no grant.
    expect([keysExamined, docsExamined]).toEqual([4, 4]);
  });

  const sessions = () => unscopedCollection(progress.database.db(), COLLECTIONS.sessions);
  const users = () => unscopedCollection(progress.database.db(), COLLECTIONS.users);

  it.each([
    ['has signed out', () => sessions().deleteMany({})],
    ['has an expired session', () => sessions().updateMany({}, { $set: { expiresAt: new Date(0) } })],
    ['has ended all sessions', () => users().updateMany({}, { $inc: { tokenEpoch: 1 } })],
    ['has erased the account', () => users().deleteMany({})],
  ])('is refused to a learner who %s', async (_, end) => {
    await progress.sync(buildEvent({ position: 5 }));
    await end();
    for (const route of ['GET /progress', 'GET /progress/continue', 'GET /progress/{courseId}']) {
      const path = route.includes('{') ? { courseId: 'sound' } : {};
      const { status, body } = await progress.call(route, path);
      expect([route, status, body.code]).toEqual([route, 401, 'invalid-token']);
    }
  });
});
