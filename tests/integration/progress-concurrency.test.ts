import { effectOf } from '../../functions/progress/events/effect.ts';
import { EMPTY, merge } from '../../functions/progress/events/merge.ts';
import { COLLECTIONS } from '../../shared/db/collections.ts';
import { unscopedCollection } from '../../shared/db/unscoped.ts';
import { buildEvent } from '../support/builders/progress.ts';
import { useProgress } from '../support/functions/progress.ts';

const progress = useProgress();
const documents = () => unscopedCollection(progress.database.db(), COLLECTIONS.progress);
const LESSON = { id: 'one', title: 'About one', kind: 'audio', durationSeconds: 100 } as const;

/** Pseudorandom numbers that are the same in every run. */
const spread = (index: number, modulus: number) => (index * 7919 + 104_729) % modulus;

describe('20 concurrent devices', () => {
  it('end with the merge of all their events in the same lesson', async () => {
    const start = Date.now() - 600_000;
    const batches = Array.from({ length: 20 }, (_, device) =>
      Array.from({ length: 10 }, (_, index) => {
        const number = device * 10 + index;
        return buildEvent({
          occurredAt: new Date(start + spread(number, 97) * 1000).toISOString(),
          position: spread(number, 101),
          ...(number % 7 === 0 && { completed: number % 2 === 0 }),
        });
      }),
    );
    const answers = await Promise.all(batches.map((batch) => progress.sync(...batch)));
    expect(answers.map(({ status }) => status)).toEqual(batches.map(() => 200));

    const expected = batches
      .flat()
      .map((event) => effectOf(event as never, new Date(String(event['occurredAt'])), LESSON))
      .reduce(merge, EMPTY);
    const [document, ...others] = await documents().find().toArray();
    expect(others).toEqual([]);
    expect(document?.lessons).toEqual({ one: expected });
    expect(document?.recentEvents).toHaveLength(200);
  });

  it('lose no event in different lessons', async () => {
    const lessonIds = ['one', 'two', 'three', 'text'];
    await Promise.all(
      Array.from({ length: 20 }, (_, device) =>
        progress.sync(buildEvent({ lessonId: lessonIds[device % 4], position: device / 20 })),
      ),
    );
    const { body } = await progress.call('GET /progress/{courseId}', { courseId: 'sound' });
    expect(body.lessons.map(({ furthest }: { furthest: number }) => furthest)).toEqual([0.8, 0.85, 0.9, 0.95]);
  });

  it('leave a consistent document when some join, some leave and some send events', async () => {
    for (let round = 0; round < 5; round += 1) {
      const path = { courseId: 'sound' };
      const answers = await Promise.all(
        Array.from({ length: 21 }, (_, device) => {
          if (device % 3 === 0) return progress.call('PUT /progress/{courseId}', path);
          if (device % 3 === 1) return progress.call('DELETE /progress/{courseId}', path);
          return progress.sync(buildEvent({ position: device, occurredAt: new Date().toISOString() }));
        }),
      );
      expect(answers.filter(({ status }) => status >= 400)).toEqual([]);
      const document = await documents().findOne();
      const { joinedAt, leftAt, lessons = {} } = document ?? {};
      if (joinedAt === null) expect(lessons).toEqual({});
      for (const { position } of Object.values(lessons)) {
        expect(position?.at.getTime()).toBeGreaterThan(leftAt?.getTime() ?? 0);
      }
      expect(await documents().countDocuments()).toBe(1);
    }
  });
});
