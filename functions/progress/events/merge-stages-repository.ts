import type { Document } from 'mongodb';
import type { LessonRegisters, ProgressDocument } from '../../../shared/db/collections.ts';
import type { LessonLimits } from '../learner/outline-repository.ts';
import { byPart, contains, textOf } from '../learner/played-events-repository.ts';

/** Changes to a learner's progress in one course. */
export interface CourseRecord {
  readonly courseId: string;
  /** The revision that is published now. */
  readonly revision: number;
  /** The lessons of the course now, in order. */
  readonly outline: readonly (LessonLimits & { readonly id: string })[];
  /** When the oldest of the events happened. The learner joins then, unless they joined before. */
  readonly joinedAt: Date;
  /** The merged effects of the events, by lesson. */
  readonly lessons: ReadonlyMap<string, Required<LessonRegisters>>;
  /** The newest event. Null if there are none. */
  readonly lastEvent: ProgressDocument['lastEvent'];
  /** Digests of the events. */
  readonly digests: readonly string[];
  /** The playing time of the events that have any. */
  readonly played: readonly PlayedEvent[];
  readonly receivedAt: Date;
}

/** The playing time of one event. It counts once, however often the event is written. */
export interface PlayedEvent {
  readonly digest: string;
  readonly lessonId: string;
  /** The learner's calendar day, such as `2026-11-30`. */
  readonly day: string;
  /** Whole milliseconds, more than 0. */
  readonly ms: number;
  /** Whether the event is at the end of its lesson. */
  readonly isAtEnd: boolean;
}

/**
 * How many events a course remembers: as many as the largest batch has, so that a repeated batch is recognised whole.
 */
const REMEMBERED_EVENTS = 500;

/**
 * How many bytes of digests a course remembers to count playing time exactly: some 45,000 events, or 180 hours in
 * events of 15 s. Beyond that, playing time is no longer counted, and no longer needed to complete a lesson.
 */
const MAX_PLAYED_EVENTS_BYTES = 500_000;

/**
 * The update of one document. `$max` and `$min` compare documents field by field, which is the order of the registers
 * (merge.ts), and ignore null and missing values.
 */
export function mergeStages(userId: string, record: CourseRecord): Document[] {
  const { outline, joinedAt, lessons, lastEvent, digests, played } = record;
  const parts = [...byPart(played, ({ digest }) => digest)];
  const counted = parts
    .flatMap(([, events]) => events)
    .map((event, index) => ({ ...event, countedMs: { $arrayElemAt: ['$countedMs', index] } }));
  const merged = Object.fromEntries(
    [...lessons].map(([lessonId, registers]) => {
      const known = `$lessons.${lessonId}`;
      const own = counted.filter((event) => event.lessonId === lessonId);
      const atEnd = own.filter(({ isAtEnd }) => isAtEnd);
      const sums = {
        playedMs: sumOf(`${known}.playedMs`, own),
        playedAtEndMs: sumOf(`${known}.playedAtEndMs`, atEnd),
      };
      return [lessonId, { ...mergedRegisters(known, registers), ...sums }];
    }),
  );
  const completed = Object.fromEntries(
    outline.filter(({ id }) => lessons.has(id)).map((lesson) => [lesson.id, completedIfPlayed(lesson)]),
  );
  const allCompleted = allCompletedOf(outline);
  return [
    { $set: { before: '$$ROOT', isFull: { $gte: [playedEventsBytes, MAX_PLAYED_EVENTS_BYTES] } } },
    { $replaceWith: { $mergeObjects: [{ $literal: newDocument(userId, record) }, '$$ROOT'] } },
    { $set: { countedMs: { $concatArrays: parts.map(([part, events]) => countedMsOf(part, events)) } } },
    {
      $set: {
        joinedAt: { $ifNull: ['$joinedAt', joinedAt] },
        lessons: { $mergeObjects: ['$lessons', merged] },
        lastEvent: { $max: ['$lastEvent', { $literal: lastEvent }] },
        recentEvents: { $slice: [{ $concatArrays: ['$recentEvents', [...digests]] }, -REMEMBERED_EVENTS] },
        ...(played.length > 0 && {
          playedEvents: { $mergeObjects: ['$playedEvents', extendedParts(counted)] },
          playedMsByDay: { $mergeObjects: ['$playedMsByDay', sumsByDay(counted)] },
        }),
      },
    },
    { $set: { lessons: { $mergeObjects: ['$lessons', completed] } } },
    {
      $set: {
        activeAt: { $max: ['$activeAt', '$joinedAt', '$lastEvent.at'] },
        completion: courseCompletion(record, allCompleted),
      },
    },
    { $set: { resumable: { $or: [{ $not: [allCompleted] }, isBeingReplayed(outline)] } } },
    { $set: { updatedAt: { $cond: [{ $eq: [visibleOf('$before'), visibleOf('$$ROOT')] }, '$updatedAt', '$$NOW'] } } },
    ...(lastEvent === null
      ? []
      : [{ $replaceWith: { $cond: [{ $gte: ['$leftAt', joinedAt] }, '$before', '$$ROOT'] } }]),
    { $unset: ['before', 'isFull', 'countedMs'] },
  ];
}

function newDocument(userId: string, { courseId, joinedAt, receivedAt }: CourseRecord): Omit<ProgressDocument, '_id'> {
  return {
    userId,
    courseId,
    joinedAt: null,
    leftAt: null,
    updatedAt: receivedAt,
    activeAt: joinedAt,
    lastEvent: null,
    lessons: {},
    completion: null,
    resumable: true,
    recentEvents: [],
  };
}

function mergedRegisters(known: string, registers: Required<LessonRegisters>): Document {
  const { position, furthest, completion, firstCompletion, reached, firstReached, unmeasured } = registers;
  return {
    position: { $max: [`${known}.position`, { $literal: position }] },
    furthest: { $max: [`${known}.furthest`, { $literal: furthest }] },
    completion: { $max: [`${known}.completion`, { $literal: completion }] },
    firstCompletion: { $min: [`${known}.firstCompletion`, { $literal: firstCompletion }] },
    reached: { $max: [`${known}.reached`, { $literal: reached }] },
    firstReached: { $min: [`${known}.firstReached`, { $literal: firstReached }] },
    // Before playing time was counted, no position was measured.
    unmeasured: { $max: [{ $ifNull: [`${known}.unmeasured`, `${known}.furthest.value`] }, unmeasured] },
  };
}

type CountedEvent = PlayedEvent & { readonly countedMs: Document };

const playedEventsBytes: Document = {
  $sum: {
    $map: { input: { $objectToArray: { $ifNull: ['$playedEvents', {}] } }, in: { $strLenBytes: '$$this.v' } },
  },
};

/** The playing times of events: 0 if already counted. The database decides, since an event may arrive twice at once. */
function countedMsOf(part: string, events: readonly PlayedEvent[]): Document {
  return {
    $map: {
      input: { $literal: events.map(({ digest, ms }) => ({ digest, ms })) },
      in: { $cond: [{ $or: ['$isFull', contains(part, '$$this.digest')] }, 0, '$$this.ms'] },
    },
  };
}

/** Adds what counts of the events to a stored sum. A sum without events stays as it is, even if it is missing. */
function sumOf(stored: string, events: readonly CountedEvent[]): Document | string {
  return events.length === 0 ? stored : { $add: [{ $ifNull: [stored, 0] }, ...events.map((event) => event.countedMs)] };
}

function sumsByDay(events: readonly CountedEvent[]): Document {
  const days = new Set(events.map(({ day }) => day));
  return Object.fromEntries(
    [...days].map((day) => [
      day,
      sumOf(
        `$playedMsByDay.${day}`,
        events.filter((event) => event.day === day),
      ),
    ]),
  );
}

/** The parts of `playedEvents` that change, with the digests of the events that count. */
function extendedParts(events: readonly CountedEvent[]): Document {
  const extended = [...byPart(events, ({ digest }) => digest)].map(([part, own]) => [
    part,
    { $concat: [textOf(part), ...own.map(({ digest, countedMs }) => ({ $cond: [countedMs, digest, ''] }))] },
  ]);
  return Object.fromEntries(extended);
}

/**
 * Completes a lesson if it was played to its end, and enough of it and of its end was played. All of that only ever
 * grows, so the order of events does not matter.
 */
function completedIfPlayed({ id, enoughPlayedMs, enoughPlayedAtEndMs }: CourseRecord['outline'][number]): Document {
  const lesson = `$lessons.${id}`;
  const played = { $add: [{ $ifNull: [`${lesson}.playedMs`, 0] }, { $multiply: [1000, `${lesson}.unmeasured`] }] };
  const playedAtEnd = { $ifNull: [`${lesson}.playedAtEndMs`, 0] };
  const isEnough = { $and: [{ $gte: [played, enoughPlayedMs] }, { $gte: [playedAtEnd, enoughPlayedAtEndMs] }] };
  const completion = {
    completion: { $max: [`${lesson}.completion`, `${lesson}.reached`] },
    firstCompletion: { $min: [`${lesson}.firstCompletion`, `${lesson}.firstReached`] },
  };
  return {
    $mergeObjects: [lesson, { $cond: [{ $or: ['$isFull', isEnough] }, completion, {}] }],
  };
}

function allCompletedOf(outline: CourseRecord['outline']): Document | boolean {
  // A course without lessons is never complete.
  return (
    outline.length > 0 && { $and: outline.map(({ id }) => ({ $eq: [`$lessons.${id}.completion.completed`, true] })) }
  );
}

/**
 * Whether a lesson is being replayed, as isReplayed (learner/lesson-limits.ts) decides, since its course was completed.
 */
function isBeingReplayed(outline: CourseRecord['outline']): Document {
  return {
    $or: outline.map(({ id, replayedAfter, completedFrom }) => {
      const { position, completion } = { position: `$lessons.${id}.position`, completion: `$lessons.${id}.completion` };
      return {
        $and: [
          { $gte: [`${position}.at`, '$completion.at'] },
          {
            $gt: [
              [`${position}.at`, `${position}.by`],
              [`${completion}.at`, `${completion}.by`],
            ],
          },
          { $gt: [`${position}.value`, replayedAfter] },
          { $lt: [`${position}.value`, completedFrom] },
        ],
      };
    }),
  };
}

/**
 * When, and in which revision, the course was completed: the time when the last of its lessons was first completed, so
 * that the order of events does not matter. Lessons that are added later do not undo it. A lesson that the learner
 * reopens, by marking it as not completed, undoes it until it is completed again.
 */
function courseCompletion({ revision, outline }: CourseRecord, allCompleted: Document | boolean): Document {
  const lastFirstCompletion = { $max: outline.map(({ id }) => `$lessons.${id}.firstCompletion.at`) };
  const reopened = {
    $and: [
      { $eq: ['$$lesson.v.completion.completed', false] },
      // Only lessons that were part of it, not those added and completed since.
      { $gt: ['$$lesson.v.firstCompletion', null] },
      { $lte: ['$$lesson.v.firstCompletion.at', '$completion.at'] },
    ],
  };
  const anyReopened = {
    $anyElementTrue: { $map: { input: { $objectToArray: '$lessons' }, as: 'lesson', in: reopened } },
  };
  return {
    $cond: [
      allCompleted,
      {
        at: { $min: ['$completion.at', lastFirstCompletion] },
        revision: { $ifNull: ['$completion.revision', revision] },
      },
      { $cond: [anyReopened, null, '$completion'] },
    ],
  };
}

/** The fields that a learner sees. If none of them changes, other devices have nothing to learn. */
function visibleOf(document: string): readonly string[] {
  return [`${document}.joinedAt`, `${document}.lessons`, `${document}.completion`];
}
