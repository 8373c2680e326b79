import { COLLECTIONS } from '../../shared/db/collections.ts';
import { unscopedCollection } from '../../shared/db/unscoped.ts';
import { buildEvent, buildLearnable, buildProgress } from '../support/builders/progress.ts';
import { commandsOf, explain } from '../support/database/queries.ts';
import { useProgress } from '../support/functions/progress.ts';

const progress = useProgress();
const documents = () => unscopedCollection(progress.database.db(), COLLECTIONS.progress);
const list = async (query = {}) => (await progress.call('GET /progress/days', {}, query)).body;
const daysOf = ({ items }: { items: { day: string }[] }) => items.map(({ day }) => day);

/** Plays a second at this time of the device. */
const play = (occurredAt: string, overrides = {}) =>
  progress.sync(buildEvent({ position: 5, playedSeconds: 1, occurredAt, ...overrides }));

describe('the list of days', () => {
  it('has each day with its courses, newest first and most played first', async () => {
    for (const id of ['light', 'air']) await progress.publish(buildLearnable({ id }));
    await play('2026-03-01T10:00:00Z', { playedSeconds: 0.1 });
    await play('2026-03-01T11:00:00Z', { playedSeconds: 0.2, lessonId: 'two' });
    await play('2026-03-01T12:00:00Z', { courseId: 'light', playedSeconds: 7 });
    await play('2026-03-01T12:00:00Z', { courseId: 'air', playedSeconds: 7 });
    await play('2026-03-02T00:00:00Z', { courseId: 'air', playedSeconds: 90 });
    expect(await list()).toEqual({
      items: [
        { day: '2026-03-02', secondsPlayed: 90, courses: [{ courseId: 'air', secondsPlayed: 90 }] },
        {
          day: '2026-03-01',
          secondsPlayed: 14.3,
          courses: [
            { courseId: 'air', secondsPlayed: 7 },
            { courseId: 'light', secondsPlayed: 7 },
            { courseId: 'sound', secondsPlayed: 0.3 },
          ],
        },
      ],
      nextCursor: null,
    });
  });

  it.each([
    ['2026-11-29T23:30:00+13:00', '2026-11-29'],
    ['2026-11-29T10:30:00Z', '2026-11-29'],
    ['2026-11-28T23:59:59.999-11:00', '2026-11-28'],
    ['2026-11-29T00:00:00-03:30', '2026-11-29'],
    ['2026-11-29T00:15:00+05:45', '2026-11-29'],
    ['2024-02-29t23:59:59z', '2024-02-29'],
  ])('has the calendar day of the learner: %s is %s', async (occurredAt, day) => {
    await play(occurredAt);
    expect(daysOf(await list())).toEqual([day]);
  });

  it('goes by the corrected clock', async () => {
    const now = Date.now();
    const behind = (ms: number) => new Date(ms - 72 * 3_600_000).toISOString();
    await progress.send('POST /progress/sync', {
      sentAt: behind(now),
      events: [buildEvent({ position: 5, playedSeconds: 5, occurredAt: behind(now - 1000) })],
    });
    // Midnight may pass meanwhile.
    const possible = [now - 60_000, now, now + 60_000].map((ms) => new Date(ms).toISOString().slice(0, 10));
    expect(possible).toContain(daysOf(await list())[0]);
  });

  it('omits days on which nothing was played', async () => {
    await progress.sync(
      buildEvent({ position: 5 }),
      buildEvent({ position: 6, playedSeconds: 0 }),
      buildEvent({ completed: true }),
    );
    expect(await list()).toEqual({ items: [], nextCursor: null });
  });

  it('includes courses that the learner may no longer read, and not those that they left', async () => {
    await progress.publish(buildLearnable({ id: 'light' }));
    await play('2026-03-01T10:00:00Z');
    await play('2026-03-02T10:00:00Z', { courseId: 'light' });
    await progress.publish(buildLearnable({ access: 'restricted' }));
    await progress.call('DELETE /progress/{courseId}', { courseId: 'light' });
    expect(daysOf(await list())).toEqual(['2026-03-01']);
  });

  it.each([
    [{ from: '2026-03-02' }, ['2026-03-04', '2026-03-03', '2026-03-02']],
    [{ to: '2026-03-02' }, ['2026-03-02', '2026-03-01']],
    [{ from: '2026-03-02', to: '2026-03-03' }, ['2026-03-03', '2026-03-02']],
    [{ from: '2026-03-03', to: '2026-03-02' }, []],
  ])('can be limited to %j', async (range, expected) => {
    for (const day of [1, 2, 3, 4]) await play(`2026-03-0${day}T10:00:00Z`);
    expect(daysOf(await list(range))).toEqual(expected);
    const pages: string[] = [];
    let cursor: string | null = null;
    do {
      const page = await list({ ...range, limit: '1', ...(cursor !== null && { cursor }) });
      pages.push(...daysOf(page));
      cursor = page.nextCursor;
    } while (cursor !== null);
    expect(pages).toEqual(expected);
  });

  it.each([
    ['from', '2026-02-30'],
    ['to', '2026-3-1'],
    ['to', '2026-03-01T00:00:00Z'],
    ['limit', '101'],
    ['limit', '0'],
  ])('rejects %s=%s', async (name, value) => {
    const { status, body } = await progress.call('GET /progress/days', {}, { [name]: value });
    expect([status, body.errors]).toEqual([400, [expect.objectContaining({ in: 'query', pointer: `/${name}` })]]);
  });

  it.each([
    ['of the same list with another range', async () => (await list({ limit: '1', from: '2026-03-01' })).nextCursor],
    ['of another list', async () => (await progress.call('GET /progress')).body.cursor],
  ])('rejects a cursor %s', async (_, cursorOf) => {
    for (const day of [1, 2]) await play(`2026-03-0${day}T10:00:00Z`);
    const { status, body } = await progress.call('GET /progress/days', {}, { cursor: await cursorOf() });
    expect([status, body.code]).toEqual([400, 'invalid-request']);
  });

  it('takes one command, which reads only documents of the learner, by an index', async () => {
    const ids = Array.from({ length: 60 }, (_, number) => `course-${number}`);
    await documents().insertMany([
      ...ids.map((courseId) => buildProgress({ courseId, playedMsByDay: { '2026-03-01': 1000 } })),
      ...ids.map((courseId) => buildProgress({ courseId, userId: 'zoe', playedMsByDay: { '2026-03-01': 1000 } })),
    ]);
    const [command = {}, ...others] = await commandsOf(async () => {
      expect((await list()).items).toMatchObject([{ secondsPlayed: 60 }]);
    });
    expect(others).toEqual([]);
    const plan = await explain(progress.database.db(), command);
    expect(plan.stages).not.toContain('COLLSCAN');
    // The session, the account and the learner's courses.
    expect(plan.docsExamined).toBeLessThanOrEqual(2 + ids.length);
  });
});
