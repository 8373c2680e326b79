import { contract } from '../../functions/progress/contract.ts';
import { handler } from '../../functions/progress/handler.ts';
import { COLLECTIONS } from '../../shared/db/collections.ts';
import { unscopedCollection } from '../../shared/db/unscoped.ts';
import { buildGrant, buildSession, buildUser } from '../support/builders/account.ts';
import { buildRecording } from '../support/builders/course-source.ts';
import { buildAudio, buildEvent, buildLearnable, buildProgress } from '../support/builders/progress.ts';
import { callerOf } from '../support/functions/call.ts';
import { useProgress } from '../support/functions/progress.ts';
import { buildToken } from '../support/keys/access-tokens.ts';

const progress = useProgress();
const ago = (seconds: number) => new Date(Date.now() - seconds * 1000).toISOString();
const list = async (query = {}) => (await progress.call('GET /progress/continue', {}, query)).body;
const next = async () => (await list()).items[0];

/** The cursor of another learner, for a list of the same length. */
async function cursorOfSomebodyElse(): Promise<string> {
  const db = progress.database.db();
  const [userId, sessionId] = ['65f1c0ffee65f1c0ffee65f2', 'session-2'];
  await unscopedCollection(db, COLLECTIONS.users).insertOne(buildUser({ _id: userId }));
  await unscopedCollection(db, COLLECTIONS.sessions).insertOne(buildSession({ _id: sessionId, userId }));
  await unscopedCollection(db, COLLECTIONS.progress).insertMany(
    ['sound', 'other'].map((courseId) => buildProgress({ userId, courseId })),
  );
  const token = buildToken({ claims: { sub: userId, sid: sessionId } });
  const { body } = await callerOf(handler, contract)('GET /progress/continue', {
    query: { limit: '1' },
    headers: { Authorization: `Bearer ${token}` },
  });
  return body.nextCursor;
}

describe('the list of courses to continue', () => {
  it('has the lesson of the newest event, at its last position', async () => {
    const occurredAt = ago(5);
    await progress.sync(
      buildEvent({ lessonId: 'two', position: 25, occurredAt }),
      buildEvent({ lessonId: 'one', completed: true, occurredAt: ago(60) }),
    );
    expect(await list()).toEqual({
      items: [
        {
          course: { id: 'sound', title: 'Sound', image: null },
          lesson: { id: 'two', title: 'About two', kind: 'audio', durationSeconds: 100 },
          position: 25,
          furthest: 25,
          fraction: 0.25,
          lessonsCompleted: 1,
          lessonsTotal: 4,
          activeAt: occurredAt,
        },
      ],
      nextCursor: null,
    });
  });

  it('has the first lesson of a course without events', async () => {
    await progress.call('PUT /progress/{courseId}', { courseId: 'sound' });
    expect(await next()).toMatchObject({ lesson: { id: 'one' }, position: 0, fraction: 0 });
  });

  it('has the next open lesson after a completed one, and earlier ones after the last', async () => {
    await progress.sync(buildEvent({ lessonId: 'two', position: 100, occurredAt: ago(9) }));
    expect(await next()).toMatchObject({ lesson: { id: 'three' } });
    await progress.sync(
      buildEvent({ lessonId: 'three', completed: true, occurredAt: ago(8) }),
      buildEvent({ lessonId: 'text', position: 1, occurredAt: ago(7) }),
    );
    expect(await next()).toMatchObject({ lesson: { id: 'one' } });
  });

  it('has the fraction of an article', async () => {
    await progress.sync(buildEvent({ lessonId: 'text', position: 0.4 }));
    expect(await next()).toMatchObject({ lesson: { id: 'text', kind: 'article' }, position: 0.4, fraction: 0.4 });
  });

  it('limits the fraction of a recording to 1', async () => {
    await progress.sync(buildEvent({ position: 104, completed: false }));
    expect(await next()).toMatchObject({ lesson: { id: 'one' }, position: 104, fraction: 1 });
  });

  it('has the fraction 0 for a recording without length', async () => {
    await progress.publish(buildLearnable({ lessons: [buildRecording({ id: 'one', durationSeconds: 0 })] }));
    await progress.sync(buildEvent({ position: 0 }));
    expect(await next()).toMatchObject({ lesson: { id: 'one', durationSeconds: 0 }, fraction: 0 });
  });

  it('omits courses that are completed, left, inaccessible or unpublished', async () => {
    for (const id of ['left', 'closed', 'withdrawn', 'open']) await progress.publish(buildLearnable({ id, title: id }));
    await progress.sync(
      ...['one', 'two', 'three', 'text'].map((lessonId) => buildEvent({ lessonId, completed: true })),
      ...['left', 'closed', 'withdrawn', 'open'].map((courseId) => buildEvent({ courseId, position: 5 })),
    );
    await progress.call('DELETE /progress/{courseId}', { courseId: 'left' });
    await progress.publish(buildLearnable({ id: 'closed', title: 'closed', access: 'restricted' }));
    const courses = progress.database.db().collection<{ _id: string }>(COLLECTIONS.courses.name);
    await courses.updateOne({ _id: 'withdrawn' }, { $set: { published: null } });

    const titles = async () => (await list()).items.map(({ course }: { course: { title: string } }) => course.title);
    expect(await titles()).toEqual(['open']);
    await unscopedCollection(progress.database.db(), COLLECTIONS.grants).insertOne(buildGrant('closed'));
    expect((await titles()).sort()).toEqual(['closed', 'open']);
  });

  it('has the furthest position too, to offer it when the player went back to the start', async () => {
    await progress.sync(
      buildEvent({ position: 70, occurredAt: ago(9) }),
      buildEvent({ position: 0, playedSeconds: 0, occurredAt: ago(8) }),
    );
    expect(await next()).toMatchObject({ lesson: { id: 'one' }, position: 0, furthest: 70 });
  });

  it('has the lesson that is being replayed, until it is at its end again', async () => {
    await progress.sync(
      buildEvent({ lessonId: 'one', completed: true, occurredAt: ago(30) }),
      buildEvent({ lessonId: 'two', completed: true, occurredAt: ago(20) }),
      buildEvent({ lessonId: 'one', position: 40, occurredAt: ago(10) }),
    );
    expect(await next()).toMatchObject({ lesson: { id: 'one' }, position: 40, lessonsCompleted: 2 });
    await progress.sync(buildEvent({ lessonId: 'one', position: 98, occurredAt: ago(5) }));
    expect(await next()).toMatchObject({ lesson: { id: 'three' } });
  });

  it('has a finished course while it is being taken again', async () => {
    const finish = (secondsAgo: number) =>
      ['one', 'two', 'three', 'text'].map((lessonId) =>
        buildEvent({ lessonId, completed: true, occurredAt: ago(secondsAgo) }),
      );
    await progress.sync(
      ...finish(60),
      buildEvent({ lessonId: 'two', position: 33, playedSeconds: 5, occurredAt: ago(50) }),
    );
    expect((await list()).items).toMatchObject([{ lesson: { id: 'two' }, position: 33, lessonsCompleted: 4 }]);
    await progress.sync(buildEvent({ lessonId: 'text', position: 0.5, occurredAt: ago(40) }));
    expect(await next()).toMatchObject({ lesson: { id: 'text' } });
    await progress.sync(buildEvent({ lessonId: 'text', position: 0.97, occurredAt: ago(30) }));
    expect(await next()).toMatchObject({ lesson: { id: 'two' }, position: 33 });
    await progress.sync(buildEvent({ lessonId: 'two', position: 100, playedSeconds: 0, occurredAt: ago(20) }));
    expect((await list()).items).toEqual([]);
  });

  it.each([
    ['the player goes back to the start at the end of a lesson', { lessonId: 'two', position: 0 }, 10],
    ['an article shows its beginning', { lessonId: 'text', position: 0 }, 10],
    ['a lesson was replayed before the last one was completed', { lessonId: 'two', position: 40 }, 70],
  ])('omits a finished course if %s', async (_, facts, secondsAgo) => {
    await progress.sync(
      ...['two', 'three', 'text'].map((lessonId) => buildEvent({ lessonId, completed: true, occurredAt: ago(80) })),
      buildEvent({ lessonId: 'one', completed: true, occurredAt: ago(60) }),
      buildEvent({ ...facts, occurredAt: ago(secondsAgo) }),
    );
    expect((await list()).items).toEqual([]);
    // Not even its page has a place for the course.
    expect(await unscopedCollection(progress.database.db(), COLLECTIONS.progress).findOne()).toMatchObject({
      resumable: false,
    });
  });

  it('omits a course whose last open lesson was removed, until another lesson is started', async () => {
    await progress.sync(buildEvent({ lessonId: 'one', completed: true, occurredAt: ago(9) }));
    await progress.publish(buildLearnable({ lessons: [buildAudio('one')] }));
    expect((await list()).items).toEqual([]);
    await progress.publish(buildLearnable({ lessons: [buildAudio('one'), buildAudio('new')] }));
    await progress.sync(buildEvent({ lessonId: 'new', position: 5 }));
    expect(await next()).toMatchObject({ lesson: { id: 'new' } });
  });

  it.each([1, 2, 3, 100])('is sorted by newest activity and then by course, in pages of %i', async (limit) => {
    const minutes = [50, 10, 30, 10, 40, 10];
    const now = Date.now();
    for (const index of minutes.keys()) await progress.publish(buildLearnable({ id: `course-${index}` }));
    await unscopedCollection(progress.database.db(), COLLECTIONS.progress).insertMany(
      minutes.map((age, index) =>
        buildProgress({ courseId: `course-${index}`, activeAt: new Date(now - age * 60_000) }),
      ),
    );
    const pages: string[][] = [];
    let cursor: string | null = null;
    do {
      const page = await list({ limit: String(limit), ...(cursor !== null && { cursor }) });
      pages.push(page.items.map(({ course }: { course: { id: string } }) => course.id));
      cursor = page.nextCursor;
    } while (cursor !== null);
    expect(pages.flat()).toEqual(['course-1', 'course-3', 'course-5', 'course-2', 'course-4', 'course-0']);
    expect(pages).toHaveLength(Math.ceil(6 / limit));
  });

  it('has a shorter page where a course is omitted, and continues after it', async () => {
    for (const id of ['a', 'b', 'c']) {
      await progress.publish(buildLearnable({ id, access: id === 'b' ? 'restricted' : 'public' }));
    }
    await unscopedCollection(progress.database.db(), COLLECTIONS.progress).insertMany(
      ['a', 'b', 'c'].map((courseId) => buildProgress({ courseId, activeAt: new Date(0) })),
    );
    const first = await list({ limit: '2' });
    expect(first.items.map(({ course }: { course: { id: string } }) => course.id)).toEqual(['a']);
    const second = await list({ limit: '2', cursor: first.nextCursor });
    expect(second.items.map(({ course }: { course: { id: string } }) => course.id)).toEqual(['c']);
    expect(second.nextCursor).toBeNull();
  });

  it.each([
    ['of somebody else', cursorOfSomebodyElse],
    ['of the list of changes', async () => (await progress.call('GET /progress')).body.cursor],
  ])('rejects a cursor %s', async (_, cursorOf) => {
    const { status, body } = await progress.call('GET /progress/continue', {}, { cursor: await cursorOf() });
    expect([status, body.code, body.errors]).toEqual([
      400,
      'invalid-request',
      [expect.objectContaining({ in: 'query', pointer: '/cursor' })],
    ]);
  });
});
