import { leaveCourse } from '../../functions/progress/events/join-and-leave.ts';
import { COLLECTIONS } from '../../shared/db/collections.ts';
import { eraseOwned } from '../../shared/db/ownership.ts';
import { transaction } from '../../shared/db/transaction.ts';
import { unscopedCollection } from '../../shared/db/unscoped.ts';
import { buildGrant, buildSession, buildUser } from '../support/builders/account.ts';
import { buildArticle, buildCourseSource } from '../support/builders/course-source.ts';
import { buildAudio, buildEvent, buildLearnable, eventId } from '../support/builders/progress.ts';
import { commandsOf } from '../support/database/queries.ts';
import { useProgress } from '../support/functions/progress.ts';
import { goodClaims } from '../support/keys/access-tokens.ts';

const progress = useProgress();
const documents = () => unscopedCollection(progress.database.db(), COLLECTIONS.progress);
const users = () => unscopedCollection(progress.database.db(), COLLECTIONS.users);
const sessions = () => unscopedCollection(progress.database.db(), COLLECTIONS.sessions);

const SECONDS = 1000;
const HOURS = 3600 * SECONDS;
const ago = (ms: number) => new Date(Date.now() - ms).toISOString();
const at = (ms: number) => new Date(ms).toISOString();

const statuses = ({ body }: { body: { results: { status: string }[] } }) => body.results.map(({ status }) => status);
const course = async (courseId = 'sound') => (await progress.call('GET /progress/{courseId}', { courseId })).body;
const lesson = async (lessonId = 'one') =>
  (await course()).lessons.find((each: { lessonId: string }) => each.lessonId === lessonId);

describe('an event', () => {
  it('joins the course, and shows in the answer and in later reads', async () => {
    const occurredAt = ago(5 * SECONDS);
    const { status, body } = await progress.sync(buildEvent({ position: 12.5, occurredAt }));

    expect(status).toBe(200);
    expect(body.results).toEqual([
      {
        eventId: expect.any(String),
        status: 'applied',
        lesson: {
          lessonId: 'one',
          position: 12.5,
          furthest: 12.5,
          completed: false,
          completedAt: null,
          firstCompletedAt: null,
          secondsPlayed: 0,
          updatedAt: occurredAt,
        },
      },
    ]);
    expect(body.courses).toEqual([
      {
        courseId: 'sound',
        joinedAt: occurredAt,
        leftAt: null,
        updatedAt: expect.any(String),
        lastLessonId: 'one',
        lessonsCompleted: 0,
        lessonsTotal: 4,
        fraction: 0,
        completedAt: null,
        completedRevision: null,
        secondsPlayed: 0,
      },
    ]);
    expect(await course()).toEqual({ ...body.courses[0], lessons: [body.results[0].lesson] });
  });

  it('can also be sent by its own route, with the same result', async () => {
    const { courseId, lessonId, ...body } = buildEvent({ position: 30 });
    const put = () =>
      progress.send('PUT /progress/{courseId}/lessons/{lessonId}', body, { courseId: 'sound', lessonId: 'one' });
    expect([courseId, lessonId]).toEqual(['sound', 'one']);
    expect((await put()).body).toMatchObject({
      status: 'applied',
      lesson: { position: 30 },
      course: { lessonsTotal: 4 },
    });
    expect((await put()).body).toMatchObject({ status: 'duplicate', lesson: { position: 30 } });
  });

  it.each([
    ['95 % of the duration', { position: 95 }, true],
    ['less than that', { position: 94.9 }, false],
    ['95 % of an article', { lessonId: 'text', position: 0.95 }, true],
    ['less than that of an article', { lessonId: 'text', position: 0.949 }, false],
    ['an explicit completion', { completed: true }, true],
    ['an explicit undo at 99 %', { completed: false, position: 99 }, false],
  ])('completes a lesson, or not, by %s', async (_, facts, completed) => {
    const { body } = await progress.sync(buildEvent(facts));
    expect(body.results[0].lesson.completed).toBe(completed);
  });

  it('never completes a lesson of unknown duration by its position', async () => {
    await progress.database
      .db()
      .collection<{ _id: string }>('courses')
      .updateOne({ _id: 'sound' }, { $set: { 'published.modules.0.lessons.0.durationSeconds': null } });
    const { body } = await progress.sync(buildEvent({ position: 1_000_000 }));
    expect(body.results[0]).toMatchObject({ status: 'applied', lesson: { completed: false } });
  });

  it('works for a lesson whose id is a number', async () => {
    await progress.publish(buildLearnable({ lessons: [buildAudio('1'), buildAudio('2')] }));
    const events = [buildEvent({ lessonId: '1', position: 99 }), buildEvent({ lessonId: '2', completed: true })];
    expect((await progress.sync(...events)).body.courses).toMatchObject([{ fraction: 1, completedRevision: 2 }]);
    expect((await documents().findOne())?.lessons).toMatchObject({
      1: { furthest: { value: 99 } },
      2: { furthest: null },
    });
  });

  it('near zero undoes neither the furthest position nor completion', async () => {
    await progress.sync(buildEvent({ position: 99, occurredAt: ago(20 * SECONDS) }));
    await progress.sync(buildEvent({ position: 0, occurredAt: ago(10 * SECONDS) }));
    expect(await lesson()).toMatchObject({ position: 0, furthest: 99, completed: true });
  });

  it('undoes completion only explicitly, and never the first completion', async () => {
    const first = ago(30 * SECONDS);
    await progress.sync(buildEvent({ completed: true, occurredAt: first }));
    await progress.sync(buildEvent({ completed: false, occurredAt: ago(20 * SECONDS) }));
    expect(await lesson()).toMatchObject({ completed: false, completedAt: null, firstCompletedAt: first });
  });

  it('that arrives late adds what is new and undoes nothing', async () => {
    await progress.sync(buildEvent({ position: 20, occurredAt: ago(10 * SECONDS) }));
    const { body } = await progress.sync(buildEvent({ position: 60, occurredAt: ago(20 * SECONDS) }));
    expect(body.results[0]).toMatchObject({ status: 'applied', lesson: { position: 20, furthest: 60 } });
    const late = await progress.sync(buildEvent({ position: 10, occurredAt: ago(30 * SECONDS) }));
    expect(late.body.results[0]).toMatchObject({ status: 'superseded', lesson: { position: 20, furthest: 60 } });
  });
});

describe('a batch', () => {
  it('changes nothing when it is sent again, whatever the results of its events', async () => {
    const batch = [10, 50, 30].map((position, index) =>
      buildEvent({ position, occurredAt: ago((9 - index) * SECONDS) }),
    );
    expect(statuses(await progress.sync(...batch))).toEqual(['superseded', 'applied', 'applied']);
    const before = await documents().findOne();
    expect(statuses(await progress.sync(...batch))).toEqual(['duplicate', 'duplicate', 'duplicate']);
    expect(await documents().findOne()).toEqual(before);
  });

  it('changes nothing when it is sent again with a wrong clock, however late', async () => {
    const sentAt = at(Date.now() - 5 * HOURS);
    const events = [buildEvent({ position: 40, occurredAt: at(Date.now() - 5 * HOURS - SECONDS) })];
    await progress.send('POST /progress/sync', { sentAt, events });
    const before = await documents().findOne();
    const again = await progress.send('POST /progress/sync', { sentAt: at(Date.now() - 4 * HOURS), events });
    expect(statuses(again)).toEqual(['duplicate']);
    expect(await documents().findOne()).toEqual(before);
  });

  it('applies a repeated event once, whatever the case of its id', async () => {
    const event = buildEvent({ eventId: 'ABCDEF00-0000-4000-8000-000000000000', position: 5 });
    const answer = await progress.sync(event, { ...event, eventId: String(event['eventId']).toLowerCase() });
    expect(statuses(answer)).toEqual(['applied', 'duplicate']);
    expect(answer.body.results[0].eventId).toBe(event['eventId']);
  });

  it('rejects invalid events with a reason, and applies the rest', async () => {
    await progress.publish(buildCourseSource({ id: 'closed', title: 'Closed', access: 'restricted' }));
    const rejected = [
      [{ courseId: 'nowhere' }, 'not-found', undefined],
      [{ lessonId: 'nothing' }, 'not-found', undefined],
      [{ courseId: 'closed', lessonId: 'say-one-thing' }, 'forbidden', undefined],
      [{ position: 105.1 }, 'invalid-request', '/position'],
      [{ lessonId: 'text', position: 1.01 }, 'invalid-request', '/position'],
      [{ position: -1 }, 'invalid-request', '/position'],
      [{ position: '12' }, 'invalid-request', '/position'],
      [{ occurredAt: '2026-13-45T00:00:00Z' }, 'invalid-request', '/occurredAt'],
      [{ occurredAt: '2016-12-31T23:59:60Z' }, 'invalid-request', '/occurredAt'],
      [{ occurredAt: '1970-01-01T00:00:05Z' }, 'invalid-request', '/occurredAt'],
      [{ position: undefined, completed: undefined }, 'invalid-request', '/position'],
      [{ colour: 'red' }, 'invalid-request', '/colour'],
      [{ eventId: 'one' }, 'invalid-request', '/eventId'],
      [{ eventId: `urn:uuid:${eventId(77)}` }, 'invalid-request', '/eventId'],
    ] as const;
    const { body } = await progress.sync(
      ...rejected.map(([fault]) => buildEvent({ position: 1, ...fault })),
      buildEvent({ position: 42 }),
    );
    for (const [index, [, code, pointer]] of rejected.entries()) {
      const { status, problem } = body.results[index];
      expect([status, problem.code, problem.errors?.[0]?.pointer]).toEqual([
        'rejected',
        code,
        pointer && `/events/${index}${pointer}`,
      ]);
    }
    expect(body.results.at(-1)).toMatchObject({ status: 'applied', lesson: { position: 42 } });
    expect(body.courses).toHaveLength(1);
  });

  it.each([null, 7, 'event', [], {}])('rejects %j in the place of an event', async (event) => {
    const sentAt = new Date().toISOString();
    const { body } = await progress.send('POST /progress/sync', {
      sentAt,
      events: [event, buildEvent({ position: 1 })],
    });
    expect(body.results[0]).toMatchObject({ eventId: null, status: 'rejected', lesson: null });
    expect(body.results[1].status).toBe('applied');
  });

  it('answers a rejected event with the current lesson', async () => {
    await progress.sync(buildEvent({ position: 50 }));
    const { body } = await progress.sync(buildEvent({ position: 500 }));
    expect(body.results[0]).toMatchObject({ status: 'rejected', lesson: { position: 50 } });
  });

  it.each([
    ['invalid JSON', '{', 400, 'invalid-json'],
    ['no events', { events: [] }, 400, 'invalid-request'],
    [
      'more than 500',
      { events: Array.from({ length: 501 }, () => buildEvent({ position: 1 })) },
      400,
      'invalid-request',
    ],
    ['no sending time', { sentAt: undefined, events: [buildEvent({ position: 1 })] }, 400, 'invalid-request'],
    [
      'a leap second',
      { sentAt: '2016-12-31T23:59:60Z', events: [buildEvent({ position: 1 })] },
      400,
      'invalid-request',
    ],
    ['an array', [buildEvent({ position: 1 })], 400, 'invalid-request'],
    [
      '256 KiB and more',
      { events: [buildEvent({ position: 1 })], x: 'x'.repeat(256 * 1024) },
      413,
      'payload-too-large',
    ],
  ])('is rejected as a whole for %s, and nothing is written', async (_, fault, status, code) => {
    const body =
      typeof fault === 'string' || Array.isArray(fault) ? fault : { sentAt: new Date().toISOString(), ...fault };
    const answer = await progress.send('POST /progress/sync', body);
    expect([answer.status, answer.body.code]).toEqual([status, code]);
    expect(await documents().countDocuments()).toBe(0);
  });

  it('of 500 events in one course takes one read and one write', async () => {
    await progress.call('PUT /progress/{courseId}', { courseId: 'sound' });
    const batch = Array.from({ length: 500 }, (_, index) => buildEvent({ position: index / 10 }));
    const commands = await commandsOf(() => progress.sync(...batch));
    expect(commands.map((command) => Object.keys(command)[0])).toEqual(['aggregate', 'findAndModify']);
    expect((await documents().findOne())?.recentEvents).toHaveLength(500);
  });

  it('of many courses takes one write for each', async () => {
    const ids = Array.from({ length: 30 }, (_, index) => `course-${index}`);
    for (const id of ids) await progress.publish(buildLearnable({ id }));
    for (const courseId of ids) await progress.call('PUT /progress/{courseId}', { courseId });
    const batch = ids.flatMap((courseId) => [
      buildEvent({ courseId, position: 1 }),
      buildEvent({ courseId, position: 2 }),
    ]);
    const commands = await commandsOf(() => progress.sync(...batch));
    expect(commands.map((command) => Object.keys(command)[0])).toEqual([
      'aggregate',
      ...ids.map(() => 'findAndModify'),
    ]);
  });
});

describe('the clock of a device', () => {
  const sync = (sentAt: number, ...events: Record<string, unknown>[]) =>
    progress.send('POST /progress/sync', { sentAt: at(sentAt), events });
  const updatedAt = async () => Date.parse((await lesson()).updatedAt);

  it.each([-7, 7])('is corrected when it is off by %i hours', async (hours) => {
    const now = Date.now();
    const shown = now + hours * HOURS;
    await sync(shown, buildEvent({ position: 10, occurredAt: at(shown - 60 * SECONDS) }));
    expect(Math.abs((await updatedAt()) - (now - 60 * SECONDS))).toBeLessThan(20 * SECONDS);
  });

  it('is accepted when it is off by less than 30 s', async () => {
    const occurredAt = at(Date.now() - 60 * SECONDS);
    await sync(Date.now() - 20 * SECONDS, buildEvent({ position: 10, occurredAt }));
    expect((await lesson()).updatedAt).toBe(occurredAt);
  });

  it('never dates an event later than its arrival', async () => {
    await sync(Date.now(), buildEvent({ position: 10, occurredAt: at(Date.now() + 24 * HOURS) }));
    expect(await updatedAt()).toBeLessThanOrEqual(Date.now());
    await sync(Date.now(), buildEvent({ position: 20, occurredAt: new Date().toISOString() }));
    expect(await lesson()).toMatchObject({ position: 20 });
  });

  it('that jumps back between two events loses neither the furthest position nor completion', async () => {
    const now = Date.now();
    const back = now - 5 * HOURS;
    await sync(
      back,
      buildEvent({ position: 99, occurredAt: at(now - 2 * SECONDS) }),
      buildEvent({ position: 10, occurredAt: at(back - SECONDS) }),
    );
    expect(await lesson()).toMatchObject({ furthest: 99, completed: true });
  });
});

describe('leaving a course', () => {
  const leave = () => progress.call('DELETE /progress/{courseId}', { courseId: 'sound' });
  const join = () => progress.call('PUT /progress/{courseId}', { courseId: 'sound' });

  it('erases the progress in it', async () => {
    await progress.sync(buildEvent({ position: 50, completed: true }));
    expect((await leave()).status).toBe(204);
    expect((await progress.call('GET /progress/{courseId}', { courseId: 'sound' })).status).toBe(404);
    expect(await documents().findOne()).toMatchObject({
      joinedAt: null,
      lessons: {},
      lastEvent: null,
      completion: null,
    });
    expect((await join()).body).toMatchObject({ lessons: [], lessonsCompleted: 0, leftAt: expect.any(String) });
  });

  it('changes nothing the second time, nor for a course that was never joined', async () => {
    expect((await leave()).status).toBe(204);
    expect(await documents().countDocuments()).toBe(0);
    await join();
    await leave();
    const before = await documents().findOne();
    await leave();
    expect(await documents().findOne()).toEqual(before);
  });

  it('supersedes earlier events, and not later ones', async () => {
    await join();
    const old = buildEvent({ position: 50, occurredAt: ago(10 * SECONDS) });
    await leave();
    expect(statuses(await progress.sync(old))).toEqual(['superseded']);
    expect((await progress.call('GET /progress/{courseId}', { courseId: 'sound' })).status).toBe(404);
    await join();
    expect(statuses(await progress.sync(old))).toEqual(['superseded']);
    expect(statuses(await progress.sync(buildEvent({ position: 5, occurredAt: at(Date.now() + SECONDS) })))).toEqual([
      'applied',
    ]);
  });

  it('is dated no earlier than the newest event that it erases, and never moves back', async () => {
    const { sub: userId, sid: sessionId, ep: epoch } = goodClaims();
    const askedAt = new Date(Date.now() - 60 * SECONDS);
    const leaveLate = () => leaveCourse({ userId, sessionId, roles: ['learner'], epoch }, 'sound', askedAt);
    const leftAt = async () => (await documents().findOne())?.leftAt?.toISOString();

    const meanwhile = ago(30 * SECONDS);
    await progress.sync(buildEvent({ position: 50, occurredAt: meanwhile }));
    await leaveLate();
    expect(await leftAt()).toBe(meanwhile);
    await join();
    await leaveLate();
    expect(await leftAt()).toBe(meanwhile);
  });

  it('does not require access to it', async () => {
    await join();
    await progress.publish(buildLearnable({ access: 'restricted' }));
    expect((await leave()).status).toBe(204);
  });
});

describe('joining a course', () => {
  it('requires access to it', async () => {
    await progress.publish(buildLearnable({ access: 'restricted' }));
    const join = async () => (await progress.call('PUT /progress/{courseId}', { courseId: 'sound' })).status;
    expect(await join()).toBe(403);
    await unscopedCollection(progress.database.db(), COLLECTIONS.grants).insertOne(buildGrant('sound'));
    expect([await join(), await join()]).toEqual([200, 200]);
    expect((await progress.call('PUT /progress/{courseId}', { courseId: 'nowhere' })).status).toBe(404);
  });

  it('and losing access keeps the progress, and rejects new events', async () => {
    await progress.sync(buildEvent({ position: 50 }));
    await progress.publish(buildLearnable({ access: 'restricted' }));
    const occurredAt = new Date().toISOString();
    expect(statuses(await progress.sync(buildEvent({ position: 60, occurredAt })))).toEqual(['rejected']);
    expect(await lesson()).toMatchObject({ position: 50 });
  });
});

describe('the completion of a course', () => {
  const complete = (...lessonIds: string[]) =>
    progress.sync(
      ...lessonIds.map((lessonId) => buildEvent({ lessonId, completed: true, occurredAt: ago(10 * SECONDS) })),
    );
  const COMPLETED = { completedAt: expect.any(String), completedRevision: 1, fraction: 1 };

  it('is dated by the completion of the last lesson', async () => {
    await complete('one', 'two', 'three');
    const occurredAt = ago(5 * SECONDS);
    await progress.sync(buildEvent({ lessonId: 'text', completed: true, occurredAt }));
    expect(await course()).toMatchObject({ ...COMPLETED, completedAt: occurredAt });
  });

  it('stays when a lesson is added, completed and undone', async () => {
    await complete('one', 'two', 'three', 'text');
    const lessons = ['one', 'two', 'three', 'four'].map(buildAudio);
    await progress.publish(buildLearnable({ lessons: [...lessons, buildArticle({ id: 'text' })] }));
    expect(await course()).toMatchObject({ ...COMPLETED, fraction: 0.8 });
    const done = buildEvent({ lessonId: 'four', completed: true, occurredAt: ago(4 * SECONDS) });
    await progress.sync(done);
    expect(await course()).toMatchObject(COMPLETED);
    await progress.sync(buildEvent({ lessonId: 'four', completed: false, occurredAt: ago(2 * SECONDS) }));
    expect(await course()).toMatchObject({ ...COMPLETED, fraction: 0.8 });
  });

  it('is undone with one of its lessons, and restored with that lesson', async () => {
    await complete('one', 'two', 'three', 'text');
    const { completedAt } = await course();
    await progress.sync(buildEvent({ lessonId: 'two', completed: false, occurredAt: ago(4 * SECONDS) }));
    expect(await course()).toMatchObject({ completedAt: null, completedRevision: null, fraction: 0.75 });
    await progress.sync(buildEvent({ lessonId: 'two', completed: true, occurredAt: ago(2 * SECONDS) }));
    expect(await course()).toMatchObject({ completedAt, completedRevision: 1 });
  });

  it('counts the current lessons, and keeps progress in removed ones', async () => {
    await complete('one', 'two');
    await progress.publish(buildLearnable({ lessons: [buildAudio('two'), buildAudio('three')] }));
    expect(await course()).toMatchObject({ lessonsCompleted: 1, lessonsTotal: 2, fraction: 0.5 });
    expect((await course()).lessons.map(({ lessonId }: { lessonId: string }) => lessonId)).toEqual(['two', 'one']);
    expect(statuses(await progress.sync(buildEvent({ lessonId: 'one', position: 70 })))).toEqual(['applied']);
    expect(await lesson('one')).toMatchObject({ position: 70, completed: true });
  });
});

describe('an account', () => {
  it('that is deleted, or whose sessions have ended, cannot write or read', async () => {
    await users().deleteMany({});
    expect((await progress.sync(buildEvent({ position: 1 }))).body.code).toBe('invalid-token');
    await users().insertOne(buildUser({ tokenEpoch: 99 }));
    expect((await progress.call('GET /progress')).body.code).toBe('invalid-token');
    expect(await documents().countDocuments()).toBe(0);
  });

  it('that is erased while its first event is written leaves nothing behind', async () => {
    for (let round = 0; round < 20; round += 1) {
      await users().replaceOne({ _id: goodClaims().sub }, buildUser(), { upsert: true });
      await sessions().replaceOne({ _id: goodClaims().sid }, buildSession(), { upsert: true });
      await Promise.all([
        transaction((db, session) => eraseOwned(db, session, goodClaims().sub)),
        ...Array.from({ length: 5 }, () => progress.sync(buildEvent({ position: 1 }))),
      ]);
      expect(await documents().countDocuments()).toBe(0);
    }
  });
});

describe('an event id', () => {
  it('is remembered for the last 500 events of a course', async () => {
    const batch = (from: number) =>
      Array.from({ length: 500 }, (_, index) => buildEvent({ eventId: eventId(900_000 + from + index), position: 1 }));
    await progress.sync(...batch(0));
    await progress.sync(...batch(250));
    expect((await documents().findOne())?.recentEvents).toHaveLength(500);
    expect(statuses(await progress.sync(...batch(250)))).toEqual(Array.from({ length: 500 }, () => 'duplicate'));
  });
});
