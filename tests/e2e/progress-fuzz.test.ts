import { isDeepStrictEqual } from 'node:util';
import { publishCourse } from '../../publishing/publish/publish.ts';
import { COLLECTIONS } from '../../shared/db/collections.ts';
import { unscopedCollection } from '../../shared/db/unscoped.ts';
import { buildGrant } from '../support/builders/account.ts';
import { buildArticle } from '../support/builders/course-source.ts';
import { buildAudio, buildLearnable } from '../support/builders/progress.ts';
import {
  correctedMs,
  type Happening,
  hadAccess,
  type ModelProgress,
  type Period,
  replay,
  type TrueEvent,
} from '../support/progress/model.ts';
import { type SeededRandom, seededRandom } from '../support/progress/seeded-random.ts';
import { type HttpAnswer, type HttpLearner, registerLearner } from '../support/system/client.ts';
import { useSystem } from '../support/system/system.ts';

/*
 * Learners with many devices, whose clocks are wrong and jump, on a network that loses replies, and whose access to one
 * course lapses, against the whole system over HTTP and an independent model. LECTERN_FUZZ_ROUNDS makes it longer,
 * LECTERN_FUZZ_SEED selects another run. The title of a failing test has the seed.
 */

const { system, database } = useSystem();

const ROUNDS = Number(process.env['LECTERN_FUZZ_ROUNDS'] ?? 3);
const FIRST_SEED = Number(process.env['LECTERN_FUZZ_SEED'] ?? 1);
const STEPS = 170;

const SECOND = 1000;
const HOUR = 3600 * SECOND;
/** A clock that is off by less than this is not corrected. */
const CORRECTED_FROM_MS = 30 * SECOND;
/** Longer than a request takes on a busy machine. */
const LONGEST_REQUEST_MS = 15 * SECOND;
/** How far clocks are off: never so close to 30 s that the duration of a request decides whether they are corrected. */
const SKEWS = [0, 0, 0, -10, 22, -90, 3 * 3600, -9 * 3600, 26 * 3600, 400 * 86_400].map((seconds) => seconds * SECOND);
const EPOCH = new Date(0);
const ALWAYS: readonly Period[] = [[0, Number.POSITIVE_INFINITY]];
const LESSONS = ['one', 'two', 'three', 'text', 'four'];
const AUDIO_POSITIONS = [0, 0.001, 0.4, 30, 94.9, 95, 100, 104.9];
const ARTICLE_POSITIONS = [0, 0.001, 0.4, 0.949, 0.95, 1];
/** Some apps do not say it. 0 is a seek. The others are exact in binary, so that any sum is. */
const PLAYED_SECONDS = [undefined, undefined, 0, 0, 0.5, 15, 26, 93.5];

interface Learner {
  readonly http: HttpLearner;
  /** What a device that only reads has put together from the changes, by course. */
  readonly replica: Map<string, HttpAnswer['body']>;
  since: string | undefined;
}

interface Device {
  readonly learner: Learner;
  /** How far its clock is ahead of the true time. */
  skewMs: number;
  queue: Noted[];
  /** Events that were answered. The device sends some of them again, much later. */
  readonly answered: Noted[];
}

/** An event as its device recorded it. */
interface Noted extends Omit<TrueEvent, 'atMs'> {
  readonly courseId: string;
  readonly shownMs: number;
}

/** A learner and a course, and everything that may have changed their progress. */
interface Enrolment {
  readonly learner: Learner;
  readonly courseId: string;
  log: readonly Happening[];
  /** When the learner has access, as far as anybody says now. */
  periods: readonly Period[];
  /** What the server had at the last comparison. Null if nothing. */
  known: HttpAnswer['body'];
  /** When each of these happened, as exactly as can be known: a corrected time depends on when the request arrived. */
  readonly spans: Span[];
}

interface Span {
  /** The event, or the leaving. */
  readonly of: string;
  readonly fromMs: number;
  toMs: number;
}

interface World {
  readonly random: SeededRandom;
  readonly seed: number;
  readonly learners: readonly Learner[];
  readonly devices: readonly Device[];
  readonly enrolments: readonly Enrolment[];
  /** The current lessons of each course. */
  readonly outlines: Map<string, readonly string[]>;
  events: number;
}

/**
 * An event of a request: one that the model accepts, one from a time without access, or one that is always rejected.
 */
type Item =
  | { readonly kind: 'good'; readonly noted: Noted; readonly atMs: number }
  | { readonly kind: 'refused'; readonly noted: Noted }
  | { readonly kind: 'bad'; readonly event: Readonly<Record<string, unknown>>; readonly code: string };

interface Request {
  readonly device: Device;
  readonly items: readonly Item[];
  readonly sentAtMs: number;
  /** The model's result, by course. */
  readonly reports: ReadonlyMap<string, Happening>;
  readonly spans: readonly Span[];
}

describe('progress over HTTP', () => {
  it.each(Array.from({ length: ROUNDS }, (_, index) => FIRST_SEED + index))(
    'matches the model for any arrival order, repetition and clock (seed %i)',
    fuzz,
    120_000,
  );
});

async function fuzz(seed: number): Promise<void> {
  const world = await createWorld(seed);
  const { random, devices, enrolments, learners } = world;
  for (let step = 0; step < STEPS; step += 1) {
    const device = random.pick(devices);
    const enrolment = random.pick(enrolments);
    const what = random.below(100);
    if (what < 35) note(world, device);
    else if (what < 43) device.skewMs = random.pick(SKEWS);
    else if (what < 77) await sync(world, random.shuffled(devices).slice(0, 1 + random.below(3)));
    else if (what < 85) await putOne(world, device);
    else if (what < 90) await join(enrolment);
    else if (what < 93) await leave(enrolment);
    else if (what < 96) await publishAnew(world, enrolment.courseId);
    else if (what < 98) await giveAccess(enrolment, periodsWithGaps(random));
    else system().gateway.reload('progress');
    if (random.chance(0.3)) await followChanges(world, device.learner);
  }
  for (const enrolment of enrolments) await giveAccess(enrolment, ALWAYS);
  for (const device of devices) while (device.queue.length > 0) await sync(world, [device], { calm: true });
  for (const enrolment of enrolments) await settle(enrolment, []);
  for (const learner of learners) {
    await expectDays(world, learner);
    await followChanges(world, learner);
    // A new device gets the same result.
    await followChanges(world, Object.assign(learner, { since: undefined, replica: new Map() }));
  }
}

async function createWorld(seed: number): Promise<World> {
  const random = seededRandom(seed);
  const courseIds = [`fuzz-${seed}-open`, `fuzz-${seed}-granted`];
  const learners = await Promise.all(
    [0, 1].map(async (number): Promise<Learner> => {
      const http = await registerLearner(system().apiUrl, `fuzz-${seed}-${number}@example.com`);
      return { http, replica: new Map(), since: undefined };
    }),
  );
  const world: World = {
    random,
    seed,
    learners,
    devices: [0, 1, 2].flatMap(() =>
      learners.map((learner): Device => ({ learner, skewMs: random.pick(SKEWS), queue: [], answered: [] })),
    ),
    enrolments: courseIds.flatMap((courseId) =>
      learners.map((learner): Enrolment => ({ learner, courseId, log: [], periods: ALWAYS, known: null, spans: [] })),
    ),
    outlines: new Map(),
    events: 0,
  };
  await publishCourse(database.db(), buildLearnable({ id: `fuzz-${seed}-closed`, access: 'restricted' }));
  for (const courseId of courseIds) await publish(world, courseId, LESSONS.slice(0, 4));
  for (const enrolment of world.enrolments) await giveAccess(enrolment, periodsWithGaps(random));
  return world;
}

/** Sets the periods of a learner's grant. Access now never lapses, so that the learner can always join. */
async function giveAccess(enrolment: Enrolment, periods: readonly Period[]): Promise<void> {
  const { learner, courseId } = enrolment;
  if (accessOf(courseId) !== 'restricted') return;
  const [[createdAt = EPOCH] = [], ...earlier] = periods.map((period) => period.map((ms) => new Date(ms))).reverse();
  const grant = buildGrant(courseId, {
    userId: learner.http.id,
    createdAt,
    expiresAt: null,
    earlier: earlier.map(([from = EPOCH, until = EPOCH]) => ({ from, until })),
  });
  const grants = unscopedCollection(database.db(), COLLECTIONS.grants);
  await grants.replaceOne({ _id: grant._id }, grant, { upsert: true });
  enrolment.periods = periods;
}

/** Access that ended hours ago and began again later. */
function periodsWithGaps(random: SeededRandom): readonly Period[] {
  const before = (hours: number) => Date.now() - hours * HOUR;
  return [
    [before(9), before(4 + random.below(4))],
    [before(0.5 + random.below(3)), Number.POSITIVE_INFINITY],
  ];
}

function accessOf(courseId: string): 'public' | 'restricted' {
  return courseId.endsWith('-granted') ? 'restricted' : 'public';
}

/** Replaces the lessons of a course. */
async function publish(world: World, courseId: string, lessonIds: readonly string[]): Promise<void> {
  const lessons = lessonIds.map((id) => (id === 'text' ? buildArticle({ id }) : buildAudio(id)));
  const { revision } = await publishCourse(
    database.db(),
    buildLearnable({ id: courseId, lessons, access: accessOf(courseId) }),
  );
  world.outlines.set(courseId, lessonIds);
  const outline = lessonIds.map((id) => ({ id, durationSeconds: id === 'text' ? null : 100 }));
  for (const enrolment of world.enrolments.filter((each) => each.courseId === courseId)) {
    await settle(enrolment, [{ kind: 'published', revision, lessons: outline }]);
  }
}

async function publishAnew(world: World, courseId: string): Promise<void> {
  const { random } = world;
  await publish(world, courseId, random.shuffled(LESSONS).slice(0, 1 + random.below(LESSONS.length)));
}

/** A learner does some lessons: just now, or hours ago while the device was offline. */
function note(world: World, device: Device): void {
  const { random, outlines } = world;
  for (let count = 1 + random.below(8); count > 0; count -= 1) {
    const courseId = random.pick([...outlines.keys()]);
    const lessonId = random.pick(outlines.get(courseId) ?? []);
    world.events += 1;
    // Shuffled, with more than the duration of a request between any two.
    const agoMs = random.chance(0.6) ? (60 + ((world.events * 397) % 720) * 40) * SECOND : 0;
    const says = random.below(10);
    const playedSeconds = random.pick(PLAYED_SECONDS);
    device.queue.push({
      eventId: `${random
        .below(2 ** 32)
        .toString(16)
        .padStart(8, '0')}-0000-7000-8000-${world.events.toString(16).padStart(12, '0')}`,
      courseId,
      lessonId,
      shownMs: Date.now() - agoMs + device.skewMs,
      ...(says < 8 && { position: random.pick(lessonId === 'text' ? ARTICLE_POSITIONS : AUDIO_POSITIONS) }),
      ...(says > 5 && { completed: random.chance(0.7) }),
      ...(playedSeconds !== undefined && { playedSeconds }),
    });
  }
}

async function join(enrolment: Enrolment): Promise<void> {
  const { learner, courseId } = enrolment;
  expect((await learner.http.request('PUT', `/progress/${courseId}`)).status).toBe(200);
  await settle(enrolment, [{ kind: 'joined' }]);
}

async function leave(enrolment: Enrolment): Promise<void> {
  const { learner, courseId, spans } = enrolment;
  const atMs = Date.now();
  expect((await learner.http.request('DELETE', `/progress/${courseId}`)).status).toBe(204);
  spans.push({ of: 'leaving', fromMs: atMs, toMs: Date.now() });
  await settle(enrolment, [{ kind: 'left', atMs }]);
}

/**
 * Devices sync at the same time. Unless the round is calm, replies get lost, and events and whole requests come twice.
 */
async function sync(world: World, devices: readonly Device[], { calm = false } = {}): Promise<void> {
  const { random } = world;
  const requests = devices.flatMap((device) => {
    const old = calm ? [] : random.shuffled(device.answered).slice(0, random.below(3));
    const chosen = [...random.shuffled(device.queue).slice(0, calm ? 50 : 1 + random.below(12)), ...old];
    const repeated = chosen.filter(() => random.chance(0.1));
    const bad = badItems(world, device).filter(() => random.chance(0.1));
    const request = prepare(world, device, [...chosen, ...repeated], bad);
    return request.items.length === 0 ? [] : [request];
  });
  const arriving = requests.flatMap((request) => (!calm && random.chance(0.1) ? [request, request] : [request]));
  const answers = await Promise.all(
    arriving.map(({ device, items, sentAtMs }) =>
      device.learner.http.request('POST', '/progress/sync', {
        sentAt: shown(sentAtMs + device.skewMs),
        events: items.map((item) => (item.kind === 'bad' ? item.event : eventOf(item.noted, random))),
      }),
    ),
  );
  for (const request of requests) {
    noteAnswered(request);
    if (calm || random.chance(0.65)) forget(request.device, request);
  }
  for (const enrolment of world.enrolments) {
    const reports = requests
      .filter(({ device }) => device.learner === enrolment.learner)
      .flatMap((request) => request.reports.get(enrolment.courseId) ?? []);
    if (reports.length > 0) await settle(enrolment, reports);
  }
  for (const [index, request] of arriving.entries()) {
    const { status, body } = answers[index] as HttpAnswer;
    expect(status).toBe(200);
    // Concurrent changes by others may or may not show in an answer.
    expectResults(world, request, body, { alone: arriving.length === 1 });
  }
}

/** One event, by its own route. */
async function putOne(world: World, device: Device): Promise<void> {
  const request = prepare(world, device, device.queue.slice(0, 1), []);
  const [item] = request.items;
  if (item?.kind !== 'good') return;
  const { courseId, lessonId, ...event } = eventOf(item.noted, world.random);
  const { status, body } = await device.learner.http.request('PUT', `/progress/${courseId}/lessons/${lessonId}`, {
    ...event,
    sentAt: shown(request.sentAtMs + device.skewMs),
  });
  expect(status).toBe(200);
  noteAnswered(request);
  if (world.random.chance(0.65)) forget(device, request);
  await settle(enrolmentOf(world, device, courseId), [...request.reports.values()]);
  const { course, ...result } = body;
  expectResults(world, request, { results: [result], courses: [course] }, { alone: true });
}

/**
 * Builds a request with these events, as sent now. Drops an event whose order relative to another would depend on how
 * long requests take.
 */
function prepare(world: World, device: Device, chosen: readonly Noted[], bad: readonly Item[]): Request {
  const sentAtMs = Date.now();
  const refused: Item[] = [];
  const placed = chosen.flatMap((noted) => {
    const span = spanOf(noted, device, sentAtMs);
    const enrolment = enrolmentOf(world, device, noted.courseId);
    const others = enrolment.spans.filter((other) => other.of !== noted.eventId);
    if (span !== null && !others.some((other) => isVague(span, other))) {
      const allowed = isKnown(enrolment, noted)
        ? [true]
        : [span.fromMs, span.toMs].map((ms) => hadAccess(enrolment.periods, ms));
      if (!allowed.includes(false)) return [{ noted, span }];
      if (!allowed.includes(true)) {
        refused.push({ kind: 'refused', noted });
        return [];
      }
    }
    device.queue = device.queue.filter((other) => other !== noted);
    return [];
  });
  // Only now: events of one request all shift alike, so they never blur each other.
  for (const { noted, span } of placed) enrolmentOf(world, device, noted.courseId).spans.push(span);

  const good = placed.map(({ noted, span }): Item => ({ kind: 'good', noted, atMs: span.fromMs }));
  const items = world.random.shuffled([...good, ...refused, ...bad]);
  const reports = new Map<string, Happening>();
  for (const courseId of world.outlines.keys()) {
    const events = items.flatMap((item) => {
      if (item.kind !== 'good' || item.noted.courseId !== courseId) return [];
      const { courseId: _, shownMs: __, ...event } = item.noted;
      return [{ ...event, atMs: item.atMs }];
    });
    if (events.length > 0) reports.set(courseId, { kind: 'reported', events });
  }
  return { device, items, sentAtMs, reports, spans: placed.map(({ span }) => span) };
}

/**
 * When the server places an event of a request that is sent at this time. Null if that depends by more than a little on
 * how long the request takes.
 */
function spanOf({ eventId, shownMs }: Noted, { skewMs }: Device, sentAtMs: number): Span | null {
  const fromMs = correctedMs(shownMs, sentAtMs + skewMs, sentAtMs);
  const isCorrected = Math.abs(skewMs) > CORRECTED_FROM_MS;
  if (!isCorrected && shownMs <= sentAtMs) return { of: eventId, fromMs, toMs: fromMs };
  if (!isCorrected && shownMs <= sentAtMs + LONGEST_REQUEST_MS) return null;
  return { of: eventId, fromMs, toMs: fromMs + LONGEST_REQUEST_MS };
}

/** The order of two exact times is certain even if they are equal: then the ids decide. */
function isVague(a: Span, b: Span): boolean {
  return a.fromMs <= b.toMs && b.fromMs <= a.toMs && (a.fromMs < a.toMs || b.fromMs < b.toMs);
}

/** Whether the server has accepted an event. It stays accepted, whatever happens to the access. */
function isKnown({ log }: Enrolment, noted: Noted): boolean {
  const { verdicts } = replay([...log, { kind: 'reported', events: [{ ...noted, atMs: noted.shownMs }] }]);
  return verdicts[0] === 'duplicate';
}

/** The duration is known once the request is answered. */
function noteAnswered({ spans, sentAtMs }: Request): void {
  const tookMs = Date.now() - sentAtMs;
  expect(tookMs).toBeLessThan(LONGEST_REQUEST_MS);
  for (const span of spans) span.toMs = Math.min(span.toMs, span.fromMs + tookMs);
}

function forget(device: Device, { items }: Request): void {
  device.answered.push(...items.flatMap((item) => (item.kind === 'good' ? [item.noted] : [])));
  device.queue = device.queue.filter((noted) => !items.some((item) => item.kind === 'good' && item.noted === noted));
}

/** One of each kind, with the expected rejection. */
function badItems({ seed, outlines, events }: World, { skewMs }: Device): Item[] {
  const [[courseId, lessons]] = [...outlines] as [[string, readonly string[]]];
  const [lessonId = ''] = lessons;
  const event = {
    eventId: `ffffffff-0000-7000-8000-${events.toString(16).padStart(12, '0')}`,
    courseId,
    lessonId,
    occurredAt: shown(Date.now() + skewMs),
    position: 0.5,
  };
  return [
    { kind: 'bad', code: 'not-found', event: { ...event, courseId: 'no-such-course' } },
    { kind: 'bad', code: 'not-found', event: { ...event, lessonId: 'no-such-lesson' } },
    { kind: 'bad', code: 'forbidden', event: { ...event, courseId: `fuzz-${seed}-closed`, lessonId: 'one' } },
    { kind: 'bad', code: 'invalid-request', event: { ...event, position: lessonId === 'text' ? 1.01 : 105.1 } },
    { kind: 'bad', code: 'invalid-request', event: { ...event, position: -1 } },
    { kind: 'bad', code: 'invalid-request', event: { ...event, position: undefined } },
    { kind: 'bad', code: 'invalid-request', event: { ...event, occurredAt: '1998-01-01T00:00:00.000Z' } },
    { kind: 'bad', code: 'invalid-request', event: { ...event, eventId: 'the-first' } },
  ];
}

/** An event as sent. Its id means the same in either case. */
function eventOf({ shownMs, eventId, ...noted }: Noted, random: SeededRandom) {
  return {
    ...noted,
    eventId: random.chance(0.2) ? eventId.toUpperCase() : eventId,
    occurredAt: shown(shownMs, random.pick([0, 13])),
  };
}

/**
 * Adds what was done to the log, and compares. Concurrent requests were written in some order: in at least one order,
 * the model must give the server's state.
 */
async function settle(enrolment: Enrolment, happenings: readonly Happening[]): Promise<void> {
  const { learner, courseId, log } = enrolment;
  const { status, body } = await learner.http.request('GET', `/progress/${courseId}`);
  const { body: list } = await learner.http.request('GET', '/progress/continue?limit=100');
  const offered = list.items.find(({ course }: HttpAnswer['body']) => course.id === courseId)?.lesson.id ?? null;
  const logs = ordersOf(happenings).map((order) => [...log, ...order]);
  const agreeing = logs.find((each) => {
    const model = replay(each);
    if (model.toContinue !== offered) return false;
    return model.joined ? isDeepStrictEqual(factsOf(enrolment, model, body), expectedOf(model)) : status === 404;
  });
  enrolment.log = agreeing ?? logs[0] ?? log;
  const model = replay(enrolment.log);
  expect(status).toBe(model.joined ? 200 : 404);
  if (model.joined) expect(factsOf(enrolment, model, body)).toEqual(expectedOf(model));
  expect(offered).toBe(model.toContinue);
  expectDated(enrolment.known, body);
  enrolment.known = model.joined ? body : null;
}

/** Each change gets a new date, even if it follows another at once. The list of changes relies on it. */
function expectDated(before: HttpAnswer['body'], after: HttpAnswer['body']): void {
  if (before === null || after?.joinedAt === undefined) return;
  const { updatedAt: dateBefore, ...partBefore } = learnersPart(before);
  const { updatedAt: dateAfter, ...partAfter } = learnersPart(after);
  if (!isDeepStrictEqual(partBefore, partAfter)) expect(Date.parse(dateAfter)).toBeGreaterThan(Date.parse(dateBefore));
}

function ordersOf<T>(items: readonly T[]): T[][] {
  if (items.length === 0) return [[]];
  return items.flatMap((item, index) => ordersOf(items.toSpliced(index, 1)).map((rest) => [item, ...rest]));
}

function expectedOf({ joined: _, verdicts: __, toContinue: ___, lessons, ...course }: ModelProgress) {
  return { ...course, fraction: course.lessonsCompleted / course.lessonsTotal, lessons: new Map(lessons.map(byId)) };
}

/** The server's answer in the model's terms. A time that is as close to the model's as can be known counts as equal. */
function factsOf(enrolment: Enrolment, model: ModelProgress, body: HttpAnswer['body']) {
  const at = timesNear(enrolment);
  return {
    leftAtMs: at(body?.leftAt, model.leftAtMs),
    lastLessonId: body?.lastLessonId,
    lessonsCompleted: body?.lessonsCompleted,
    lessonsTotal: body?.lessonsTotal,
    fraction: body?.fraction,
    completedAtMs: at(body?.completedAt, model.completedAtMs),
    completedRevision: body?.completedRevision,
    secondsPlayed: body?.secondsPlayed,
    lessons: new Map(
      (body?.lessons ?? []).map((lesson: HttpAnswer['body']) => byId(lessonFactsOf(enrolment, model, lesson))),
    ),
  };
}

function lessonFactsOf(enrolment: Enrolment, model: ModelProgress, lesson: HttpAnswer['body']) {
  const at = timesNear(enrolment);
  const { lessonId, position, furthest, completed, completedAt, firstCompletedAt, secondsPlayed, updatedAt } = lesson;
  const expected = lessonIn(model, lessonId);
  return {
    lessonId,
    position,
    furthest,
    completed,
    completedAtMs: at(completedAt, expected.completedAtMs),
    firstCompletedAtMs: at(firstCompletedAt, expected.firstCompletedAtMs),
    secondsPlayed,
    updatedAtMs: at(updatedAt, expected.updatedAtMs),
  };
}

/** A lesson without progress is at its start. */
function lessonIn({ lessons }: ModelProgress, lessonId: string) {
  const atStart = { position: 0, furthest: 0, completed: false, secondsPlayed: 0 };
  const never = { completedAtMs: null, firstCompletedAtMs: null, updatedAtMs: null };
  return lessons.find((lesson) => lesson.lessonId === lessonId) ?? { lessonId, ...atStart, ...never };
}

function byId<T extends { readonly lessonId: string }>(lesson: T): [string, T] {
  return [lesson.lessonId, lesson];
}

function timesNear({ spans }: Enrolment) {
  return (time: string | null | undefined, expectedMs: number | null): number | null => {
    if (time === null || time === undefined) return null;
    const ms = Date.parse(time);
    const near = spans.some(({ fromMs, toMs }) => fromMs === expectedMs && fromMs <= ms && ms <= toMs);
    return near ? expectedMs : ms;
  };
}

/** Each event has its result in its place, with the lesson as it was by then. */
function expectResults(
  world: World,
  { device, items, reports }: Request,
  { results, courses }: HttpAnswer['body'],
  { alone }: { readonly alone: boolean },
): void {
  expect(results).toHaveLength(items.length);
  expect(courses.map(({ courseId }: { courseId: string }) => courseId).sort()).toEqual([...reports.keys()].sort());
  const verdicts = new Map(
    [...reports.keys()].map((courseId) => [
      courseId,
      replay(enrolmentOf(world, device, courseId).log).verdicts.values(),
    ]),
  );
  for (const [index, item] of items.entries()) {
    const { eventId, status, lesson, problem, final } = results[index];
    if (item.kind === 'refused') {
      expect([eventId.toLowerCase(), status, problem?.code, final]).toEqual([
        item.noted.eventId,
        ...['rejected', 'forbidden', false],
      ]);
      continue;
    }
    if (item.kind === 'bad') {
      expect([eventId, status, problem?.code]).toEqual([item.event['eventId'], 'rejected', item.code]);
      continue;
    }
    const { courseId, lessonId } = item.noted;
    expect([eventId.toLowerCase(), lesson.lessonId, problem]).toEqual([item.noted.eventId, lessonId, undefined]);
    if (!alone) continue;
    const enrolment = enrolmentOf(world, device, courseId);
    const model = replay(enrolment.log);
    expect([eventId, status]).toEqual([eventId, verdicts.get(courseId)?.next().value]);
    expect(lessonFactsOf(enrolment, model, lesson)).toEqual(lessonIn(model, lessonId));
  }
}

/** Reads on in the list of changes, and then has exactly what the server has. */
async function followChanges(world: World, learner: Learner): Promise<void> {
  const limit = 1 + world.random.below(3);
  for (let hasMore = true; hasMore; ) {
    const since = learner.since === undefined ? '' : `&since=${learner.since}`;
    const { status, body } = await learner.http.request('GET', `/progress?limit=${limit}${since}`);
    expect(status).toBe(200);
    for (const course of body.items) {
      if (course.joinedAt === null) learner.replica.delete(course.courseId);
      else learner.replica.set(course.courseId, course);
    }
    learner.since = body.cursor;
    hasMore = body.hasMore;
  }
  for (const enrolment of world.enrolments.filter((each) => each.learner === learner)) {
    const { status, body } = await learner.http.request('GET', `/progress/${enrolment.courseId}`);
    const replicated = learner.replica.get(enrolment.courseId);
    expect(replicated === undefined).toBe(status === 404);
    if (status === 200) expect(learnersPart(replicated)).toEqual(learnersPart(body));
  }
}

/** What was played by day and what was played by course are two sums of the same. */
async function expectDays({ enrolments }: World, learner: Learner): Promise<void> {
  const { body } = await learner.http.request('GET', '/progress/days?limit=100');
  const played = enrolments.flatMap(({ learner: other, courseId, known }) =>
    other === learner && known !== null && known.secondsPlayed > 0 ? [[courseId, known.secondsPlayed]] : [],
  );
  const byCourse: Record<string, number> = {};
  for (const { secondsPlayed, courses } of body.items) {
    let ofDay = 0;
    for (const course of courses) {
      byCourse[course.courseId] = (byCourse[course.courseId] ?? 0) + course.secondsPlayed;
      ofDay += course.secondsPlayed;
    }
    expect(secondsPlayed).toBe(ofDay);
  }
  expect(byCourse).toEqual(Object.fromEntries(played));
}

/**
 * Without the fields that come from the course itself: they change with it, and that is not a change of the learner's.
 */
function learnersPart({ lessonsCompleted: _, lessonsTotal: __, fraction: ___, lessons, ...rest }: HttpAnswer['body']) {
  return { ...rest, lessons: new Map(lessons.map(byId)) };
}

function enrolmentOf({ enrolments }: World, { learner }: Device, courseId: string): Enrolment {
  const found = enrolments.find((each) => each.learner === learner && each.courseId === courseId);
  if (found === undefined) throw new Error(`${courseId} is no course of this world`);
  return found;
}

/** A time as a device writes it, so many hours ahead of UTC. */
function shown(ms: number, aheadHours = 0): string {
  const text = new Date(ms + aheadHours * 3600 * SECOND).toISOString();
  return aheadHours === 0 ? text : text.replace('Z', `+${aheadHours}:00`);
}
