import { publishCourse } from '../../publishing/publish/publish.ts';
import { withdrawCourse } from '../../publishing/publish/withdraw.ts';
import { COLLECTIONS, collection, type GrantDocument } from '../../shared/db/collections.ts';
import { unscopedCollection } from '../../shared/db/unscoped.ts';
import { buildGrant, buildUser } from '../support/builders/account.ts';
import { buildAudio, buildEvent, buildLearnable } from '../support/builders/progress.ts';
import { commandsOf } from '../support/database/queries.ts';
import { useProgress } from '../support/functions/progress.ts';

const progress = useProgress();
const db = () => progress.database.db();
const grants = () => unscopedCollection(db(), COLLECTIONS.grants);

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const ago = (ms: number) => new Date(Date.now() - ms);

const FORBIDDEN = { status: 'rejected', problem: { code: 'forbidden' }, final: false };
const NOT_FOUND = { status: 'rejected', problem: { code: 'not-found' }, final: true };
const APPLIED = { status: 'applied' };

const give = (times: Partial<GrantDocument>) =>
  grants().replaceOne({ _id: buildGrant('closed')._id }, buildGrant('closed', times), { upsert: true });

/** An event of the course `closed` that happened then. */
const closedAt = (at: Date, facts: Readonly<Record<string, unknown>> = { position: 5 }) =>
  buildEvent({ courseId: 'closed', occurredAt: at.toISOString(), ...facts });
const resultOf = async (event: Record<string, unknown>) => (await progress.sync(event)).body.results[0];

describe('an event of a restricted course', () => {
  const [began, ended] = [ago(10 * HOUR), ago(HOUR)];
  const near = (time: Date, ms: number) => new Date(time.getTime() + ms);
  const PERIOD = { createdAt: began, expiresAt: ended };
  const [from, until] = [ago(30 * HOUR), ago(20 * HOUR)];
  const TWO_PERIODS = { createdAt: began, expiresAt: null, earlier: [{ from, until }] };

  beforeEach(() => progress.publish(buildLearnable({ id: 'closed', title: 'Closed', access: 'restricted' })));

  it.each<[string, Partial<GrantDocument>, Date, object]>([
    ['applied if the grant was in force then and has ended since', PERIOD, ago(2 * HOUR), APPLIED],
    ['applied until the grant ends', PERIOD, near(ended, -1), APPLIED],
    ['rejected from the moment at which the grant ends', PERIOD, ended, FORBIDDEN],
    ['rejected after the grant has ended', PERIOD, ago(MINUTE), FORBIDDEN],
    ['rejected if it happened before the grant began', PERIOD, near(began, -MINUTE), FORBIDDEN],
    ['applied up to 30 s before the grant began: the clock may be slow', PERIOD, near(began, -29 * SECOND), APPLIED],
    ['applied if an earlier period of the grant was in force then', TWO_PERIODS, ago(25 * HOUR), APPLIED],
    ['rejected between two periods', TWO_PERIODS, ago(15 * HOUR), FORBIDDEN],
    ['applied in the current period', TWO_PERIODS, ago(MINUTE), APPLIED],
  ])('is %s', async (_, times, at, expected) => {
    await give(times);
    expect(await resultOf(closedAt(at))).toMatchObject(expected);
  });

  it('is judged at its corrected time', async () => {
    await give(PERIOD);
    const slow = (ms: number) => ago(ms + 5 * DAY).toISOString();
    const events = [2 * HOUR, MINUTE].map((ms) => closedAt(ago(0), { position: 5, occurredAt: slow(ms) }));
    const { body } = await progress.send('POST /progress/sync', { sentAt: slow(0), events });
    expect(body.results).toMatchObject([APPLIED, FORBIDDEN]);
  });

  it('that was rejected is applied once access covers its time', async () => {
    await give(PERIOD);
    const event = closedAt(ago(MINUTE));
    expect(await resultOf(event)).toMatchObject(FORBIDDEN);
    await give({ createdAt: began, expiresAt: null });
    expect(await resultOf(event)).toMatchObject(APPLIED);
    await give(PERIOD);
    expect(await resultOf(event)).toMatchObject({ status: 'duplicate' });
  });

  it('is rejected in the same words whether or not the lesson exists', async () => {
    const [known, unknown] = await Promise.all(
      ['one', 'nothing'].map((lessonId) => resultOf(closedAt(ago(MINUTE), { position: 5, lessonId }))),
    );
    expect({ ...known, eventId: null }).toEqual({ ...unknown, eventId: null });
    expect(known).toMatchObject({ ...FORBIDDEN, lesson: null });
  });

  it('is accepted from an admin at any time', async () => {
    await unscopedCollection(db(), COLLECTIONS.users).replaceOne({}, buildUser({ roles: ['learner', 'admin'] }));
    expect(await resultOf(closedAt(ago(DAY)))).toMatchObject(APPLIED);
  });

  it('says in the problem of its own route whether trying again can help', async () => {
    const put = async (lessonId: string, facts: object) => {
      const path = { courseId: 'closed', lessonId };
      const { courseId: _, lessonId: __, ...event } = closedAt(ago(2 * HOUR), { position: 5, ...facts });
      return (await progress.send('PUT /progress/{courseId}/lessons/{lessonId}', event, path)).body;
    };
    expect(await put('one', {})).toMatchObject({ code: 'forbidden', status: 403, final: false });
    await give(PERIOD);
    expect(await put('nothing', {})).toMatchObject({ code: 'not-found', status: 404, final: true });
    expect(await put('one', { position: 500 })).toMatchObject({ code: 'invalid-request', status: 400, final: true });
  });
});

describe('an event that is rejected', () => {
  it.each([
    ['an unknown course', { courseId: 'nowhere' }, 'not-found'],
    ['an unknown lesson', { lessonId: 'nothing' }, 'not-found'],
    ['an impossible position', { position: 500 }, 'invalid-request'],
    ['an impossible time', { occurredAt: '2016-12-31T23:59:60Z' }, 'invalid-request'],
    [
      'an impossible time in an unknown course',
      { courseId: 'nowhere', occurredAt: ago(60 * 365 * DAY) },
      'invalid-request',
    ],
    ['a wrong type', { position: '12' }, 'invalid-request'],
  ])('for %s will never be accepted', async (_, fault, code) => {
    const result = await resultOf(buildEvent({ position: 1, ...fault }));
    expect(result).toMatchObject({ status: 'rejected', problem: { code }, final: true });
  });

  it.each([
    ['2016-12-31T23:59:60Z', 'must be a time'],
    ['2026-11-29T23:30:00+13', 'must be a time'],
    ['1999-12-31T23:59:59Z', 'must be in the year 2000 or later'],
  ])('at %s says why', async (occurredAt, message) => {
    const { problem } = await resultOf(buildEvent({ position: 1, occurredAt }));
    expect(problem.errors).toEqual([{ in: 'body', pointer: '/events/0/occurredAt', message }]);
  });

  it('is the only one that says whether trying again can help', async () => {
    expect(await resultOf(buildEvent({ position: 5 }))).not.toHaveProperty('final');
  });
});

describe('the events of a course that was withdrawn', () => {
  const source = buildLearnable({ id: 'gone', title: 'Gone' });
  const publish = (at: Date, overrides = {}) => publishCourse(db(), { ...source, ...overrides }, { now: () => at });
  const withdraw = (at: Date) => withdrawCourse(db(), 'gone', { now: () => at });
  const goneAt = (at: Date, facts: Readonly<Record<string, unknown>> = { position: 5 }) =>
    closedAt(at, { courseId: 'gone', ...facts });

  it('are applied if they happened before, and rejected after', async () => {
    await publish(ago(DAY));
    const withdrawnAt = ago(HOUR);
    await withdraw(withdrawnAt);
    const { body } = await progress.sync(
      goneAt(new Date(withdrawnAt.getTime() - 1)),
      goneAt(withdrawnAt),
      goneAt(ago(MINUTE)),
    );
    expect(body.results).toMatchObject([APPLIED, NOT_FOUND, NOT_FOUND]);
    expect(body.results[2].lesson).toMatchObject({ position: 5 });
  });

  it('are applied if they happened before its first publication, since a clock may be wrong', async () => {
    await publish(ago(DAY));
    await withdraw(ago(HOUR));
    expect(await resultOf(goneAt(ago(3 * DAY)))).toMatchObject(APPLIED);
  });

  it('are measured by its last revision, while the course counts no lessons', async () => {
    await publish(ago(DAY));
    await publish(ago(20 * HOUR), { modules: buildLearnable({ lessons: ['one', 'two'].map(buildAudio) }).modules });
    await withdraw(ago(HOUR));
    const [first, last] = [ago(3 * HOUR), ago(2 * HOUR)];
    const { body } = await progress.sync(
      goneAt(first, { lessonId: 'one', position: 95 }),
      goneAt(last, { lessonId: 'two', position: 100 }),
    );
    expect(body.results).toMatchObject([{ lesson: { completed: true } }, { lesson: { completed: true } }]);
    const course = {
      ...{ lessonsTotal: 0, lessonsCompleted: 0, fraction: 0 },
      ...{ completedAt: last.toISOString(), completedRevision: 2 },
    };
    expect(body.courses).toEqual([expect.objectContaining(course)]);
    const read = await progress.call('GET /progress/{courseId}', { courseId: 'gone' });
    expect(read.body).toMatchObject({ ...course, lessons: [{ lessonId: 'one' }, { lessonId: 'two' }] });
    expect((await progress.call('GET /progress/continue')).body.items).toEqual([]);
  });

  it('take one read and one write', async () => {
    await publish(ago(DAY));
    await progress.call('PUT /progress/{courseId}', { courseId: 'gone' });
    await withdraw(ago(HOUR));
    const commands = await commandsOf(() => progress.sync(goneAt(ago(2 * HOUR))));
    expect(commands.map((command) => Object.keys(command)[0])).toEqual(['aggregate', 'findAndModify']);
  });

  it('do not join it again: only an event from before does', async () => {
    await publish(ago(DAY));
    await withdraw(ago(HOUR));
    const join = () => progress.call('PUT /progress/{courseId}', { courseId: 'gone' });
    expect((await join()).status).toBe(404);
    await progress.sync(goneAt(ago(MINUTE)));
    expect((await progress.call('GET /progress/{courseId}', { courseId: 'gone' })).status).toBe(404);
    expect((await join()).status).toBe(404);
  });

  it('are rejected for the time of the withdrawal after it is published again', async () => {
    await publish(ago(DAY));
    await withdraw(ago(10 * HOUR));
    await publish(ago(5 * HOUR));
    const { body } = await progress.sync(...[12, 7, 3].map((hours) => goneAt(ago(hours * HOUR), { position: hours })));
    expect(body.results).toMatchObject([APPLIED, NOT_FOUND, APPLIED]);
    expect(body.courses).toMatchObject([{ lessonsTotal: 4 }]);
  });

  it('are not rejected for good shortly before it is published again, since a grant may cover them', async () => {
    await publish(ago(DAY));
    await withdraw(ago(10 * HOUR));
    const republishedAt = ago(HOUR);
    await publish(republishedAt, { access: 'restricted' });
    const event = goneAt(new Date(republishedAt.getTime() - 10 * SECOND));
    expect(await resultOf(event)).toMatchObject(FORBIDDEN);
    await grants().insertOne(buildGrant('gone', { createdAt: ago(DAY), expiresAt: null }));
    expect(await resultOf(event)).toMatchObject(APPLIED);
  });

  it('are rejected if it was never published, or if nobody knows until when it was', async () => {
    const courses = collection(db(), COLLECTIONS.courses);
    await publish(ago(DAY));
    await courses.updateOne({ _id: 'gone' }, { $set: { published: null } });
    expect(await resultOf(goneAt(ago(2 * HOUR)))).toMatchObject(NOT_FOUND);
    await courses.updateOne({ _id: 'gone' }, { $unset: { published: true, access: true, lastRevision: true } });
    expect(await resultOf(goneAt(ago(2 * HOUR)))).toMatchObject(NOT_FOUND);
  });
});

describe('the events of a recording that was replaced by a shorter one', () => {
  const publish = (durationSeconds: number) => {
    const one = { ...buildAudio('one'), durationSeconds };
    return publishCourse(db(), buildLearnable({ id: 'cut', title: 'Cut', lessons: [one, buildAudio('two')] }));
  };
  const cutAt = (position: number) => resultOf(closedAt(ago(MINUTE), { courseId: 'cut', position, playedSeconds: 80 }));

  it('are applied up to the end of the longest one, also after the course was withdrawn', async () => {
    for (const durationSeconds of [100, 200, 120]) await publish(durationSeconds);
    await withdrawCourse(db(), 'cut');
    await publish(90);
    expect(await cutAt(199)).toMatchObject({
      ...APPLIED,
      lesson: { position: 199, completed: true, secondsPlayed: 80 },
    });
    expect(await cutAt(206)).toMatchObject({ status: 'rejected', problem: { code: 'invalid-request' }, final: true });
  });

  it('are applied if only the revision before tells how long it was', async () => {
    await publish(200);
    await collection(db(), COLLECTIONS.courses).updateOne({ _id: 'cut' }, { $unset: { longestRecordings: true } });
    await publish(100);
    expect(await cutAt(199)).toMatchObject(APPLIED);
  });
});

describe('the events of a course that was restricted', () => {
  it('are applied if they happened before, also without a grant', async () => {
    await publishCourse(db(), buildLearnable({ id: 'closed', access: 'members' }), { now: () => ago(DAY) });
    await publishCourse(db(), buildLearnable({ id: 'closed', access: 'restricted' }), { now: () => ago(HOUR) });
    const { body } = await progress.sync(closedAt(ago(2 * HOUR)), closedAt(ago(MINUTE)));
    expect(body.results).toMatchObject([APPLIED, FORBIDDEN]);
  });

  it('are judged by its access now if nobody knows when it changed', async () => {
    await publishCourse(db(), buildLearnable({ id: 'closed', access: 'members' }), { now: () => ago(DAY) });
    await collection(db(), COLLECTIONS.courses).updateOne({ _id: 'closed' }, { $set: { access: 'restricted' } });
    expect(await resultOf(closedAt(ago(2 * HOUR)))).toMatchObject(FORBIDDEN);
  });
});
