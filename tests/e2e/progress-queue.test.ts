import { randomUUID } from 'node:crypto';
import { openProgressQueue, type ProgressQueue, SyncFailure } from '../../client/src/progress-queue.ts';
import { publishCourse } from '../../publishing/publish/publish.ts';
import { buildAudio, buildLearnable } from '../support/builders/progress.ts';
import { flakyNetwork } from '../support/progress/flaky-network.ts';
import { modelLesson, type TrueEvent } from '../support/progress/model.ts';
import { seededRandom } from '../support/progress/seeded-random.ts';
import { registerLearner } from '../support/system/client.ts';
import { useSystem } from '../support/system/system.ts';

/*
 * The queue as in an app, with fetch and this machine's clock, against the whole system over HTTP, on a network that
 * fails half of the time. The integration tests cover wrong clocks and crashes.
 */

const { system, database } = useSystem();

const FIRST_SEED = Number(process.env['LECTERN_FUZZ_SEED'] ?? 1);
const LESSONS = ['one', 'two', 'three'];

/** Retries until it works, as an app does when it starts, but without waiting. */
async function insist(work: () => Promise<void>): Promise<void> {
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof SyncFailure)) throw error;
    }
  }
}

describe('the progress queue over HTTP', () => {
  it.each([FIRST_SEED, FIRST_SEED + 1])(
    'brings three devices of a learner to the same correct state (seed %i)',
    async (seed) => {
      const random = seededRandom(seed);
      const courseId = `queue-${seed}`;
      await publishCourse(database.db(), buildLearnable({ id: courseId, lessons: LESSONS.map(buildAudio) }));
      const { accessToken } = await registerLearner(system().apiUrl, `queue-${randomUUID()}@example.com`);
      const stored = [null, null, null] as (string | null)[];
      const networks = stored.map(() => flakyNetwork(fetch, random));
      const rejected: unknown[] = [];
      // Both clocks of a device are this one, which stands still between steps, so that they agree when read one after
      // the other.
      let nowMs = Date.now();
      const clock = () => nowMs;
      const open = (device: number): Promise<ProgressQueue> =>
        openProgressQueue({
          baseUrl: system().apiUrl,
          // The first one is old.
          accessToken: async (renewed) => (renewed ? accessToken : random.pick([accessToken, 'an-old-token'])),
          storage: {
            load: async () => stored[device] ?? null,
            save: async (text) => {
              stored[device] = text;
            },
          },
          now: clock,
          monotonic: clock,
          fetch: async (url, init) => {
            const answer = await (networks[device]?.send ?? fetch)(url, init);
            // As late as the answer's date, from which the queue learns how far off the clock is.
            nowMs = Date.now();
            return answer;
          },
          onRejected: (event, problem) => rejected.push([event, problem]),
        });
      const queues = await Promise.all(stored.map((_, device) => open(device)));

      const happened: TrueEvent[] = [];
      for (let step = 0; step < 60; step += 1) {
        nowMs = Date.now();
        const device = random.below(queues.length);
        // Sometimes the app starts again.
        if (random.chance(0.1)) queues[device] = await open(device);
        const queue = queues[device] as ProgressQueue;
        const lessonId = random.pick(LESSONS);
        const fact = random.chance(0.8)
          ? { lessonId, position: random.pick([0, 3, 40, 80, 96, 100]) }
          : { lessonId, completed: random.chance(0.6) };
        await queue.record({ courseId, ...fact });
        const { eventId, clockMs } = JSON.parse(stored[device] ?? '').events.at(-1);
        happened.push({ ...fact, eventId, atMs: clockMs });
        if (random.chance(0.3)) {
          await Promise.all([queue.sync(), queue.pull()]).catch((error: unknown) => {
            if (!(error instanceof SyncFailure)) throw error;
          });
        }
      }
      await Promise.all(queues.map((queue) => insist(() => queue.sync())));
      await Promise.all(networks.map((network) => network.settle()));
      await Promise.all(queues.map((queue) => insist(() => queue.pull())));

      for (const lessonId of LESSONS) {
        const { position, furthest, completed, completedAtMs } = modelLesson(lessonId, happened, 100);
        for (const queue of queues) {
          const lesson = queue.lesson(courseId, lessonId);
          expect(lesson).toMatchObject({ position, furthest, completed });
          if (completedAtMs !== null) expect(Date.parse(lesson.completedAt ?? '')).toBe(completedAtMs);
        }
      }
      expect([rejected, queues.map((queue) => queue.pending())]).toEqual([[], [0, 0, 0]]);
    },
    120_000,
  );
});
