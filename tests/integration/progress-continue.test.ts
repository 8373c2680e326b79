import { COLLECTIONS, collection } from '../../shared/db/collections.ts';
import { buildGrant } from '../support/builders/reader.ts';
import { buildAudio, buildEvent, buildLearnable, useProgress } from '../support/progress.ts';

const progress = useProgress();
const ago = (seconds: number) => new Date(Date.now() - seconds * 1000).toISOString();
const list = async (query = {}) => (await progress.call('GET /progress/continue', {}, query)).body;
const next = async () => (await list()).items[0];

describe('what to continue', () => {
  it('is the lesson of the newest event, where it was left', async () => {
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
          fraction: 0.25,
          lessonsCompleted: 1,
          lessonsTotal: 4,
          activeAt: occurredAt,
        },
      ],
      nextCursor: null,
    });
  });

  it('is the first lesson of a course that was joined and not begun', async () => {
    await progress.call('PUT /progress/{courseId}', { courseId: 'sound' });
    expect(await next()).toMatchObject({ lesson: { id: 'one' }, position: 0, fraction: 0 });
  });

  it('is the next lesson once the last one is complete, and those before it after the end', async () => {
    await progress.sync(buildEvent({ lessonId: 'two', position: 100, occurredAt: ago(9) }));
    expect(await next()).toMatchObject({ lesson: { id: 'three' } });
    await progress.sync(
      buildEvent({ lessonId: 'three', completed: true, occurredAt: ago(8) }),
      buildEvent({ lessonId: 'text', position: 1, occurredAt: ago(7) }),
    );
    expect(await next()).toMatchObject({ lesson: { id: 'one' } });
  });

  it('gives the fraction of an article as it was read', async () => {
    await progress.sync(buildEvent({ lessonId: 'text', position: 0.4 }));
    expect(await next()).toMatchObject({ lesson: { id: 'text', kind: 'article' }, position: 0.4, fraction: 0.4 });
  });

  it('leaves out courses that are finished, were left, cannot be read, or are not published', async () => {
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
    await collection(progress.database.db(), COLLECTIONS.grants).insertOne(buildGrant('closed'));
    expect((await titles()).sort()).toEqual(['closed', 'open']);
  });

  it('leaves out a course whose last open lesson was removed, and has it again with one that is begun', async () => {
    await progress.sync(buildEvent({ lessonId: 'one', completed: true, occurredAt: ago(9) }));
    await progress.publish(buildLearnable({ lessons: [buildAudio('one')] }));
    expect((await list()).items).toEqual([]);
    await progress.publish(buildLearnable({ lessons: [buildAudio('one'), buildAudio('new')] }));
    await progress.sync(buildEvent({ lessonId: 'new', position: 5 }));
    expect(await next()).toMatchObject({ lesson: { id: 'new' } });
  });

  it('comes newest first, in pages', async () => {
    const ids = Array.from({ length: 5 }, (_, index) => `course-${index}`);
    for (const id of ids) await progress.publish(buildLearnable({ id }));
    await progress.sync(
      ...ids.map((courseId, index) =>
        buildEvent({ courseId, position: 1, occurredAt: ago([50, 10, 30, 10, 40][index] ?? 0) }),
      ),
    );
    const pages: string[][] = [];
    let cursor: string | null = null;
    do {
      const page = await list({ limit: '2', ...(cursor !== null && { cursor }) });
      pages.push(page.items.map(({ course }: { course: { id: string } }) => course.id));
      cursor = page.nextCursor;
    } while (cursor !== null);
    expect(pages.flat().slice(0, 2).sort()).toEqual(['course-1', 'course-3']);
    expect(pages.flat().slice(2)).toEqual(['course-2', 'course-4', 'course-0']);
    expect(pages).toHaveLength(3);
  });
});
