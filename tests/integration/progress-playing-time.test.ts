import { COLLECTIONS, type LessonRegisters } from '../../shared/db/collections.ts';
import { unscopedCollection } from '../../shared/db/unscoped.ts';
import { buildRecording } from '../support/builders/course-source.ts';
import { buildAudio, buildEvent, buildLearnable, buildProgress, eventId } from '../support/builders/progress.ts';
import { commandsOf } from '../support/database/queries.ts';
import { useProgress } from '../support/functions/progress.ts';
import { modelLesson, type TrueEvent } from '../support/progress/model.ts';
import { seededRandom } from '../support/progress/seeded-random.ts';

const progress = useProgress();
const documents = () => unscopedCollection(progress.database.db(), COLLECTIONS.progress);

const SECONDS = 1000;
const HOURS = 3600 * SECONDS;
const ago = (seconds: number) => new Date(Date.now() - seconds * SECONDS).toISOString();

const statuses = ({ body }: { body: { results: { status: string }[] } }) => body.results.map(({ status }) => status);
const course = async () => (await progress.call('GET /progress/{courseId}', { courseId: 'sound' })).body;
const lesson = async (lessonId = 'one') =>
  (await course()).lessons.find((each: { lessonId: string }) => each.lessonId === lessonId);
const offered = async () => (await progress.call('GET /progress/continue')).body.items[0]?.lesson.id;

describe('an event that says how much was played', () => {
  it('counts for the lesson and the course', async () => {
    await progress.sync(buildEvent({ position: 20, playedSeconds: 12.3456 }));
    const { body } = await progress.sync(
      buildEvent({ position: 30, playedSeconds: 10 }),
      buildEvent({ lessonId: 'text', position: 0.2, playedSeconds: 61 }),
    );
    expect(body.results.map((result: { lesson: unknown }) => result.lesson)).toMatchObject([
      { secondsPlayed: 22.346 },
      { secondsPlayed: 61 },
    ]);
    expect(body.courses).toMatchObject([{ secondsPlayed: 83.346 }]);
    expect(await course()).toMatchObject({
      secondsPlayed: 83.346,
      lessons: [{ secondsPlayed: 22.346 }, { secondsPlayed: 61 }],
    });
    expect((await progress.call('GET /progress')).body.items).toMatchObject([{ secondsPlayed: 83.346 }]);
  });

  it('is applied, and listed as a change, even if newer events win in everything else', async () => {
    await progress.sync(buildEvent({ position: 50, playedSeconds: 30, occurredAt: ago(10) }));
    await documents().updateOne({}, { $set: { updatedAt: new Date(0) } });
    const late = await progress.sync(buildEvent({ position: 20, playedSeconds: 5, occurredAt: ago(20) }));
    expect(late.body.results).toMatchObject([{ status: 'applied', lesson: { position: 50, secondsPlayed: 35 } }]);
    expect((await documents().findOne())?.updatedAt.getTime()).toBeGreaterThan(0);
  });

  it.each([-0.001, 86_400.001, '15', null])('is rejected if it says %j', async (playedSeconds) => {
    const { body } = await progress.sync(buildEvent({ position: 1, playedSeconds }));
    expect(body.results[0].problem.errors[0].pointer).toBe('/events/0/playedSeconds');
  });

  it('still needs a position or a completion', async () => {
    expect(statuses(await progress.sync(buildEvent({ playedSeconds: 10 })))).toEqual(['rejected']);
  });

  it('with 0 moves the position alone', async () => {
    await progress.sync(buildEvent({ position: 4, playedSeconds: 4, occurredAt: ago(30) }));
    const slid = await progress.sync(buildEvent({ position: 100, playedSeconds: 0, occurredAt: ago(28) }));
    expect(slid.body.results).toMatchObject([
      { status: 'applied', lesson: { position: 100, furthest: 4, completed: false, firstCompletedAt: null } },
    ]);
    expect(await offered()).toBe('one');
    await progress.sync(buildEvent({ position: 6, playedSeconds: 0, occurredAt: ago(20) }));
    expect(await lesson()).toMatchObject({ position: 6, furthest: 4, secondsPlayed: 4 });
  });

  it('with 0 still completes the lesson if it says so', async () => {
    await progress.sync(buildEvent({ position: 3, playedSeconds: 0, completed: true }));
    expect(await lesson()).toMatchObject({ completed: true, furthest: 0 });
  });

  it('is judged by the whole millisecond', async () => {
    await progress.sync(buildEvent({ position: 99, playedSeconds: 0.0004 }));
    expect(await lesson()).toMatchObject({ furthest: 0, secondsPlayed: 0 });
  });
});

describe('playing a recording to its end', () => {
  const play = (position: number, playedSeconds: number | undefined, secondsAgo: number) =>
    buildEvent({ position, occurredAt: ago(secondsAgo), ...(playedSeconds !== undefined && { playedSeconds }) });

  it.each([
    ['half of it was played', [play(52, 47.5, 60), play(95, 2.5, 30)], true],
    ['less was played', [play(52, 47.4, 60), play(95, 2.5, 30)], false],
    ['half of its end was played', [play(52, 50, 60), play(96, 1, 30), play(97, 0.5, 29), play(98, 1, 28)], true],
    [
      'less of its end was played',
      [play(94.9, 94.9, 60), play(96, 1, 30), play(97, 0.5, 29), play(98, 0.999, 28)],
      false,
    ],
    [
      'half of it was played, by two devices or in two sittings',
      [play(30, 30, 90), play(30, 0, 60), play(95, 20, 30)],
      true,
    ],
    ['half of it was played at last, after the end', [play(95, 30, 60), play(20, 20, 30)], true],
    ['another app has said that half of it was reached', [play(60, undefined, 60), play(95, 2.5, 30)], true],
    ['another app has said less', [play(47, undefined, 60), play(95, 2.5, 30)], false],
    [
      'half of its end was played by an event that says something else too',
      [play(52, 50, 60), { ...play(97, 2, 30), completed: false }, play(98, 0.5, 20)],
      true,
    ],
    [
      'half of it was played before its end was skipped to',
      [play(50, 50, 60), play(94, 0, 40), play(100, 6, 30)],
      true,
    ],
  ])('completes it, or not, if %s', async (_, events, completed) => {
    await progress.sync(...events);
    expect(await lesson()).toMatchObject({ completed });
    await progress.call('DELETE /progress/{courseId}', { courseId: 'sound' });
    await documents().deleteMany({});
    for (const event of [...events].reverse()) await progress.sync(event);
    expect(await lesson()).toMatchObject({ completed });
  });

  it.each([1, 15])('completes it, reported every %i s', async (seconds) => {
    const reports = Array.from({ length: Math.floor(100 / seconds) }, (_, index) =>
      play(seconds * (index + 1), seconds, 200 - seconds * (index + 1)),
    );
    await progress.sync(...reports, play(100, 100 % seconds, 100));
    expect(await lesson()).toMatchObject({ completed: true, secondsPlayed: 100 });
  });

  it('completes a long one after 10 s of its end', async () => {
    await progress.publish(buildLearnable({ lessons: [buildRecording({ id: 'one', durationSeconds: 7200 })] }));
    await progress.sync(play(3600, 3600, 60), play(6900, 9.999, 40));
    expect(await lesson()).toMatchObject({ completed: false });
    await progress.sync(play(6900, 0.001, 30));
    expect(await lesson()).toMatchObject({ completed: true });
  });

  it('completes it at the time of its end, whenever the rest arrives', async () => {
    const [first, newest] = [ago(60), ago(50)];
    await progress.sync(
      buildEvent({ position: 96, playedSeconds: 10, occurredAt: newest }),
      buildEvent({ position: 95, playedSeconds: 10, occurredAt: first }),
    );
    expect(await lesson()).toMatchObject({ completed: false, completedAt: null, firstCompletedAt: null });
    await progress.sync(buildEvent({ position: 40, playedSeconds: 40, occurredAt: ago(90) }));
    expect(await lesson()).toMatchObject({ completed: true, completedAt: newest, firstCompletedAt: first });
  });

  it('does not complete it again if the learner has marked it as not done since', async () => {
    await progress.sync(play(95, 20, 60), buildEvent({ completed: false, occurredAt: ago(40) }), play(50, 60, 20));
    expect(await lesson()).toMatchObject({ completed: false, firstCompletedAt: expect.any(String) });
  });

  it('completes an article that was read for any time', async () => {
    await progress.sync(buildEvent({ lessonId: 'text', position: 0.96, playedSeconds: 0 }));
    expect(await lesson('text')).toMatchObject({ completed: false });
    await progress.sync(buildEvent({ lessonId: 'text', position: 0.96, playedSeconds: 2 }));
    expect(await lesson('text')).toMatchObject({ completed: true });
  });

  it('counts what was reached before there was any playing time', async () => {
    const at = new Date(Date.now() - 60 * SECONDS);
    const by = eventId(1);
    const registers = {
      position: { at, by, value: 60 },
      furthest: { value: 60, by },
      completion: null,
      firstCompletion: null,
    };
    await documents().insertOne(buildProgress({ lessons: { one: registers } }));
    await progress.sync(play(95, 35, 10));
    expect(await lesson()).toMatchObject({ completed: true, secondsPlayed: 35 });
  });
});

describe('a slip of the thumb to the end of 101 s, of which 1.2 s are heard', () => {
  const step = (number: number, position: number, playedSeconds: number, secondsAgo: number) =>
    buildEvent({ eventId: eventId(600_000 + number), position, playedSeconds, occurredAt: ago(secondsAgo) });
  const slipAndBack = () => [
    step(1, 4, 4, 90),
    step(2, 99, 0, 89),
    step(3, 100.2, 1.2, 88),
    step(4, 6, 0, 87),
    step(5, 12, 6, 80),
    step(6, 53, 41, 39),
  ];
  const stillOpen = { position: 53, furthest: 100.2, completed: false, firstCompletedAt: null, secondsPlayed: 52.2 };

  beforeEach(() =>
    progress.publish(
      buildLearnable({ lessons: [buildRecording({ id: 'one', durationSeconds: 101 }), buildAudio('two')] }),
    ),
  );

  it('completes nothing when half of the lesson was played', async () => {
    for (const event of slipAndBack()) await progress.sync(event);
    expect(await lesson()).toMatchObject(stillOpen);
    expect(await offered()).toBe('one');
  });

  it.each([1, 2, 3, 4, 5])(
    'completes nothing in any order and batches, however often and on however many connections (seed %i)',
    async (seed) => {
      const random = seededRandom(seed);
      const sent = random.shuffled([...slipAndBack(), ...slipAndBack(), ...slipAndBack()]);
      while (sent.length > 0) {
        const batch = sent.splice(0, 1 + random.below(6));
        await Promise.all([progress.sync(...batch), progress.sync(...random.shuffled(batch))]);
      }
      expect(await lesson()).toMatchObject(stillOpen);
    },
  );

  it('does not stand in the way of completing it by playing on to the end', async () => {
    const events = slipAndBack();
    const end = step(7, 101, 48, 5);
    await progress.sync(...events);
    await progress.sync(end);
    const { completed, completedAt, firstCompletedAt } = await lesson();
    // The slip was the first to play the end, and it counts as such now.
    expect([completed, completedAt, firstCompletedAt]).toEqual([true, end['occurredAt'], events[2]?.['occurredAt']]);
  });

  describe('in a lesson from before playing its end was counted', () => {
    const at = new Date(Date.now() - 300 * SECONDS);
    const by = eventId(1);
    const store = (registers: Partial<LessonRegisters>) => {
      const none = { position: null, furthest: null, completion: null, firstCompletion: null };
      return documents().insertOne(buildProgress({ lessons: { one: { ...none, ...registers, playedMs: 60_000 } } }));
    };

    it('leaves it complete if it was', async () => {
      const [last, first] = [
        { at, by, completed: true },
        { at, by },
      ];
      await store({ completion: last, firstCompletion: first, reached: last, firstReached: first });
      await progress.sync(step(1, 100.2, 1.2, 90), step(2, 6, 4, 80));
      expect(await lesson()).toMatchObject({ completed: true, firstCompletedAt: at.toISOString() });
    });

    it('completes it only once enough of its end is played', async () => {
      await store({ reached: { at, by, completed: true }, firstReached: { at, by } });
      await progress.sync(step(1, 100.2, 1.2, 90));
      expect(await lesson()).toMatchObject({ completed: false });
      await progress.sync(step(2, 101, 1.4, 80));
      expect(await lesson()).toMatchObject({ completed: true });
    });
  });
});

describe('playing time', () => {
  const batch = (from: number, secondsAgo = 60) =>
    Array.from({ length: 500 }, (_, index) =>
      buildEvent({
        eventId: eventId(700_000 + from + index),
        position: 1 + (index % 50),
        playedSeconds: 0.1,
        occurredAt: ago(secondsAgo + index),
      }),
    );

  it('of 500 events takes one read and one write', async () => {
    await progress.call('PUT /progress/{courseId}', { courseId: 'sound' });
    const commands = await commandsOf(() => progress.sync(...batch(0)));
    expect(commands.map((command) => Object.keys(command)[0])).toEqual(['aggregate', 'findAndModify']);
    expect(await lesson()).toMatchObject({ secondsPlayed: 50 });
  });

  it('counts once, however late an event is sent again, and by whatever clock', async () => {
    await progress.sync(...batch(0));
    for (const from of [500, 1000]) await progress.sync(...batch(from));
    const before = await documents().findOne();
    expect(before?.recentEvents).toHaveLength(500);

    expect(statuses(await progress.sync(...batch(0)))).toEqual(Array.from({ length: 500 }, () => 'duplicate'));
    // Days ago by a clock that was wrong then and is right now.
    const again = batch(250).map((event) => ({ ...event, eventId: String(event['eventId']).toUpperCase() }));
    const sentAt = new Date(Date.now() - 50 * HOURS).toISOString();
    expect(statuses(await progress.send('POST /progress/sync', { sentAt, events: again }))).toEqual(
      Array.from({ length: 500 }, () => 'duplicate'),
    );
    expect(await documents().findOne()).toEqual(before);
    expect(await course()).toMatchObject({ secondsPlayed: 150 });
  });

  it('counts once if the same batch arrives on many connections at the same time', async () => {
    const events = batch(0).slice(0, 40);
    const answers = await Promise.all(Array.from({ length: 8 }, () => progress.sync(...events)));
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
    expect(await course()).toMatchObject({ secondsPlayed: 4 });
    expect((await progress.call('GET /progress/days')).body.items).toMatchObject([{ secondsPlayed: 4 }]);
  });

  it('counts once within a batch', async () => {
    const event = buildEvent({ position: 5, playedSeconds: 5 });
    expect(statuses(await progress.sync(event, event))).toEqual(['applied', 'duplicate']);
    expect(await lesson()).toMatchObject({ secondsPlayed: 5 });
  });

  it('is erased with the course, and what was erased does not count again', async () => {
    const event = buildEvent({ position: 5, playedSeconds: 5 });
    await progress.sync(event);
    await progress.call('DELETE /progress/{courseId}', { courseId: 'sound' });
    expect((await progress.call('GET /progress/days')).body.items).toEqual([]);
    expect(await documents().findOne()).toMatchObject({ lessons: {}, playedMsByDay: {} });
    await progress.call('PUT /progress/{courseId}', { courseId: 'sound' });
    await progress.sync({ ...event, occurredAt: new Date(Date.now() + SECONDS).toISOString() });
    expect(await course()).toMatchObject({ secondsPlayed: 0 });
  });

  it('no longer counts, and completes a lesson without being counted, once a course remembers too many events', async () => {
    await progress.sync(buildEvent({ position: 5, playedSeconds: 5 }));
    await documents().updateOne({}, { $set: { 'playedEvents.A': '~'.repeat(500_000) } });
    const bytes = async () => Object.values((await documents().findOne())?.playedEvents ?? {}).join('').length;
    const before = await bytes();
    await progress.sync(buildEvent({ position: 95, playedSeconds: 5 }));
    expect(await lesson()).toMatchObject({ completed: true, furthest: 95, secondsPlayed: 5 });
    expect(await bytes()).toBe(before);
  });

  it('stays in the database when progress is read', async () => {
    await progress.sync(buildEvent({ position: 5, playedSeconds: 5 }));
    const { playedEvents = {} } = (await documents().findOne()) ?? {};
    const [[, digest = ''] = []] = Object.entries(playedEvents);
    expect(digest).toHaveLength(11);
    const read = ['GET /progress', 'GET /progress/continue', 'GET /progress/days', 'GET /progress/{courseId}'];
    for (const route of read) {
      const [command = {}] = await commandsOf(() =>
        progress.call(route, route.includes('{') ? { courseId: 'sound' } : {}),
      );
      const { pipeline } = command;
      const rows = await progress.database.db().collection(String(command['aggregate'])).aggregate(pipeline).toArray();
      expect(JSON.stringify(rows)).toContain('sound');
      expect(JSON.stringify(rows)).not.toContain(digest);
    }
  });
});

describe('any history of playing, seeking and marking', () => {
  const LESSON_IDS = ['one', 'two', 'three'];

  it.each([1, 2, 3, 4, 5, 6])(
    'ends in the same progress, whatever the order, the batches, the repetitions and the connections (seed %i)',
    async (seed) => {
      const random = seededRandom(seed);
      const now = Date.now();
      const events = Array.from({ length: 60 }, (_, index): TrueEvent => {
        const playedSeconds = random.pick([undefined, 0, 0.5, 3, 8.25, 21]);
        const says = random.below(10);
        return {
          eventId: eventId(800_000 + random.below(1000) * 100 + index),
          lessonId: random.pick(LESSON_IDS),
          atMs: now - (60 + random.below(40)) * SECONDS,
          ...(says < 9 && { position: random.pick([0, 0.5, 12, 49, 80, 94.9, 95, 100]) }),
          ...(says > 7 && { completed: random.chance(0.7) }),
          ...(playedSeconds !== undefined && { playedSeconds }),
        };
      });
      const sent = random.shuffled([...events, ...events.filter(() => random.chance(0.4))]);
      while (sent.length > 0) {
        const batches = Array.from({ length: 1 + random.below(3) }, () => sent.splice(0, 1 + random.below(8)));
        const answers = await Promise.all(
          batches
            .filter((events) => events.length > 0)
            .map((events) =>
              progress.sync(
                ...events.map(({ atMs, ...event }) => ({
                  ...event,
                  courseId: 'sound',
                  occurredAt: new Date(atMs).toISOString(),
                })),
              ),
            ),
        );
        expect(answers.every(({ status }) => status === 200)).toBe(true);
      }
      const text = (ms: number | null) => (ms === null ? null : new Date(ms).toISOString());
      for (const lessonId of new Set(events.map((event) => event.lessonId))) {
        const model = modelLesson(lessonId, events, 100);
        const { position, furthest, completed, secondsPlayed } = model;
        expect(await lesson(lessonId)).toEqual({
          lessonId,
          position,
          furthest,
          completed,
          completedAt: text(model.completedAtMs),
          firstCompletedAt: text(model.firstCompletedAtMs),
          secondsPlayed,
          updatedAt: text(model.updatedAtMs),
        });
      }
    },
  );
});
