import { closedObject } from '../../shared/schemas/closed-object.ts';
import { lessonKind, slug, timestamp } from '../../shared/schemas/course.ts';
import { itemProblem } from '../../shared/schemas/item-problem.ts';
import { nullable } from '../../shared/schemas/nullable.ts';
import { pageQuery } from '../../shared/schemas/page.ts';

/*
 * The shapes of progress that clients send and see. Positions are in seconds for audio and video, and a fraction from 0
 * to 1 for articles.
 */

/** A time by the device's clock: any offset from UTC, any precision. */
const deviceTime = {
  type: 'string',
  format: 'date-time',
  maxLength: 40,
  examples: ['2026-11-02T09:30:00.000Z'],
} as const;

const eventId = {
  type: 'string',
  format: 'uuid',
  description: 'Made by the device, once for each event. It identifies an event that is sent again.',
  examples: ['0197f0b4-6f52-7c1e-9a53-0d9f6c1f2a44'],
} as const;

const position = {
  type: 'number',
  minimum: 0,
  // The importer refuses recordings longer than a day. This bound applies where the duration is unknown.
  maximum: 10_000_000,
  description: 'Seconds into audio or video. For an article, the fraction read, from 0 to 1.',
  examples: [312.5],
} as const;

const completed = {
  type: 'boolean',
  description: 'True marks the lesson as done, false as not done. Without it, playing up to 95 % completes the lesson.',
} as const;

const playedSeconds = {
  type: 'number',
  minimum: 0,
  maximum: 86_400,
  description:
    'How much of the recording the device played since its previous event of this lesson, in seconds of the recording, whatever the speed. For an article, for how long it was read. 0 means that only the position changed, for example on the slider. Without it, the lesson counts as played up to the position.',
  examples: [14.5],
} as const;

/** An event has at least one of the two facts. */
const somethingToSay = [
  { properties: { position }, required: ['position'] },
  { properties: { completed }, required: ['completed'] },
] as const;

const occurredAt = { ...deviceTime, description: 'When it happened, by the device’s clock.' } as const;

const sentAt = {
  ...deviceTime,
  description:
    'The time on the device’s clock as the request is sent, new with each attempt. It shows how far off the clock is.',
} as const;

const progressEvent = closedObject(
  { eventId, courseId: slug, lessonId: slug, occurredAt, position, completed, playedSeconds },
  {
    optional: ['position', 'completed', 'playedSeconds'],
    title: 'ProgressEvent',
    description: 'Has `position`, `completed` or both.',
    anyOf: somethingToSay,
    examples: [
      {
        eventId: '0197f0b4-6f52-7c1e-9a53-0d9f6c1f2a44',
        courseId: 'listening-to-the-world',
        lessonId: 'birds-at-dawn',
        occurredAt: '2026-11-02T09:29:58.000Z',
        position: 312.5,
        playedSeconds: 14.5,
      },
    ],
  },
);

/** An event whose course and lesson are in the path. */
export const lessonEvent = closedObject(
  { eventId, occurredAt, sentAt, position, completed, playedSeconds },
  {
    optional: ['sentAt', 'position', 'completed', 'playedSeconds'],
    title: 'LessonEvent',
    description: 'Has `position`, `completed` or both.',
    anyOf: somethingToSay,
    examples: [
      {
        eventId: '0197f0b4-6f52-7c1e-9a53-0d9f6c1f2a44',
        occurredAt: '2026-11-02T09:29:58.000Z',
        sentAt: '2026-11-02T09:30:00.000Z',
        position: 312.5,
        playedSeconds: 14.5,
      },
    ],
  },
);

export const progressBatch = closedObject(
  {
    sentAt,
    events: {
      type: 'array',
      items: progressEvent,
      minItems: 1,
      maxItems: 500,
      description: 'In any order. Each is validated on its own: an invalid one does not affect the others.',
    },
  },
  { title: 'ProgressBatch', examples: [{ sentAt: '2026-11-02T09:30:00.000Z', events: progressEvent.examples }] },
);

const secondsPlayed = {
  type: 'number',
  minimum: 0,
  description: 'The sum of `playedSeconds` of all events, each counted once.',
} as const;

const lessonExample = {
  lessonId: 'birds-at-dawn',
  position: 312.5,
  furthest: 340,
  completed: false,
  completedAt: null,
  firstCompletedAt: null,
  secondsPlayed: 355.5,
  updatedAt: '2026-11-02T09:29:58.000Z',
} as const;

const lessonProperties = {
  lessonId: slug,
  position: { ...position, description: 'Where to resume: the latest position.' },
  furthest: { ...position, description: 'The greatest position so far that was played, and not only moved to.' },
  completed: { type: 'boolean' },
  completedAt: {
    ...timestamp,
    type: ['string', 'null'],
    description: 'When it was last completed. Null unless it is complete.',
  },
  firstCompletedAt: {
    ...timestamp,
    type: ['string', 'null'],
    description: 'When it was first completed. Stays even if the learner marks it as not done.',
  },
  secondsPlayed,
  updatedAt: {
    ...timestamp,
    type: ['string', 'null'],
    description: 'When the newest visible event happened, by the corrected device clock. Null before the first.',
  },
} as const;

export const lessonProgress = closedObject(lessonProperties, {
  title: 'LessonProgress',
  description: 'A learner’s progress in a lesson.',
  examples: [lessonExample],
});

const eventResult = closedObject(
  {
    eventId: { type: ['string', 'null'], description: 'As sent. Null if it could not be read.' },
    status: {
      type: 'string',
      enum: ['applied', 'superseded', 'duplicate', 'rejected'],
      description:
        '`applied`: the event shows in the lesson, or its playing time counts. `superseded`: other events win in everything that it says. `duplicate`: it was recorded before. `rejected`: it was not recorded; see `problem` and `final`. The first three need no further action.',
    },
    lesson: nullable(lessonProgress, 'The lesson as it is now. Null if the learner has no such lesson.'),
    problem: itemProblem,
    final: {
      type: 'boolean',
      description:
        'In a rejection. True: the same event will never be accepted. False: keep the event and send it again at a later sync.',
    },
  },
  {
    optional: ['problem', 'final'],
    title: 'EventResult',
    examples: [
      { eventId: '0197f0b4-6f52-7c1e-9a53-0d9f6c1f2a44', status: 'applied', lesson: lessonExample },
      {
        eventId: '0197f0b4-6f53-7d31-8f0a-5d8d3a9c7b10',
        status: 'rejected',
        lesson: null,
        problem: itemProblem.examples[0],
        final: true,
      },
    ],
  },
);

const courseProperties = {
  courseId: slug,
  joinedAt: { ...timestamp, type: ['string', 'null'], description: 'Null if the learner has left the course.' },
  leftAt: {
    ...timestamp,
    type: ['string', 'null'],
    description: 'When the learner last left. Events from before are ignored.',
  },
  updatedAt: { ...timestamp, description: 'When any of this last changed, by the server’s clock.' },
  lastLessonId: { ...slug, type: ['string', 'null'], description: 'The lesson of the newest event.' },
  lessonsCompleted: {
    type: 'integer',
    minimum: 0,
    description: 'Completed lessons among those that the course has now.',
  },
  lessonsTotal: {
    type: 'integer',
    minimum: 0,
    description: 'Lessons that the course has now. 0 while it is not published.',
  },
  fraction: {
    type: 'number',
    minimum: 0,
    maximum: 1,
    description: 'Completed lessons divided by all lessons that the course has now.',
  },
  completedAt: {
    ...timestamp,
    type: ['string', 'null'],
    description:
      'When the last lesson was first completed. Lessons that are added later do not change it; marking one of its lessons as not done does.',
  },
  completedRevision: {
    type: ['integer', 'null'],
    minimum: 1,
    description: 'The revision of the course whose lessons were all completed.',
  },
  secondsPlayed: {
    ...secondsPlayed,
    description: 'The sum of `secondsPlayed` of all its lessons, including former ones.',
  },
} as const;

const courseExample = {
  courseId: 'listening-to-the-world',
  joinedAt: '2026-10-20T18:00:00.000Z',
  leftAt: null,
  updatedAt: '2026-11-02T09:30:00.150Z',
  lastLessonId: 'birds-at-dawn',
  lessonsCompleted: 2,
  lessonsTotal: 6,
  fraction: 0.333_333_333_333_333_3,
  completedAt: null,
  completedRevision: null,
  secondsPlayed: 1480,
} as const;

export const courseProgressSummary = closedObject(courseProperties, {
  title: 'CourseProgressSummary',
  description: 'A learner’s progress in a course.',
  examples: [courseExample],
});

export const courseProgress = closedObject(
  {
    ...courseProperties,
    lessons: {
      type: 'array',
      items: lessonProgress,
      description: 'Every lesson with progress, including former ones, which count again if they return.',
    },
  },
  {
    title: 'CourseProgress',
    description: 'A learner’s progress in a course, with its lessons.',
    examples: [{ ...courseExample, lessons: [lessonExample] }],
  },
);

const feedCursor = {
  type: 'string',
  pattern: '^[A-Za-z0-9_-]+$',
  maxLength: 512,
  description: 'Opaque. The place where `GET /progress?since=` continues.',
} as const;

export const feedQuery = {
  since: { ...feedCursor, description: 'The `cursor` of the previous page. Without it, everything.' },
  limit: { type: 'integer', minimum: 1, maximum: 100, default: 20, description: 'Most courses on a page.' },
} as const;

export const progressFeed = closedObject(
  {
    items: { type: 'array', items: courseProgress },
    cursor: { ...feedCursor, description: 'Send it as `since`: now if `hasMore`, otherwise next time.' },
    hasMore: { type: 'boolean' },
  },
  {
    title: 'ProgressFeed',
    examples: [
      { items: [{ ...courseExample, lessons: [lessonExample] }], cursor: 'bm90LWEtcmVhbC1jdXJzb3I', hasMore: false },
    ],
  },
);

export const progressBatchResult = closedObject(
  {
    results: { type: 'array', items: eventResult, description: 'One for each event, in order.' },
    courses: {
      type: 'array',
      items: courseProgressSummary,
      description: 'The courses of the events that were not rejected, each once.',
    },
    cursor: {
      ...feedCursor,
      description:
        'A place in `GET /progress?since=` before this batch. What follows it is what this batch and others changed. Only for a device that was up to date.',
    },
  },
  {
    title: 'ProgressBatchResult',
    examples: [
      {
        results: eventResult.examples,
        courses: [courseExample],
        cursor: 'bm90LWEtcmVhbC1jdXJzb3I',
      },
    ],
  },
);

export const recordedEvent = closedObject(
  {
    eventId: { type: 'string' },
    status: { type: 'string', enum: ['applied', 'superseded', 'duplicate'] },
    lesson: lessonProgress,
    course: courseProgressSummary,
  },
  {
    title: 'RecordedEvent',
    examples: [
      {
        eventId: '0197f0b4-6f52-7c1e-9a53-0d9f6c1f2a44',
        status: 'applied',
        lesson: lessonExample,
        course: courseExample,
      },
    ],
  },
);

export const continueItem = closedObject(
  {
    course: closedObject(
      {
        id: slug,
        title: { type: 'string' },
        image: { type: ['string', 'null'], format: 'uri' },
      },
      { title: 'CourseToContinue' },
    ),
    lesson: closedObject(
      {
        id: slug,
        title: { type: 'string' },
        kind: lessonKind,
        durationSeconds: { type: ['number', 'null'], minimum: 0, description: 'Null for an article.' },
      },
      {
        title: 'LessonToContinue',
        description:
          'The lesson of the newest event if it is incomplete or being replayed, or else the next incomplete one. In a completed course, the lesson that was last left in the middle of a replay.',
      },
    ),
    position: { ...position, description: 'Where to resume the lesson.' },
    furthest: {
      ...lessonProperties.furthest,
      description: 'The greatest position so far, to offer if `position` is 0.',
    },
    fraction: { type: 'number', minimum: 0, maximum: 1, description: 'The position as a fraction of the lesson.' },
    lessonsCompleted: courseProperties.lessonsCompleted,
    lessonsTotal: courseProperties.lessonsTotal,
    activeAt: {
      ...timestamp,
      description: 'When the newest event of the course happened, or when the learner joined it.',
    },
  },
  {
    title: 'ContinueItem',
    description: 'A course and the lesson to resume in it.',
    examples: [
      {
        course: { id: 'listening-to-the-world', title: 'Listening to the world', image: null },
        lesson: { id: 'birds-at-dawn', title: 'Birds at dawn', kind: 'audio', durationSeconds: 620 },
        position: 312.5,
        furthest: 340,
        fraction: 0.504,
        lessonsCompleted: 2,
        lessonsTotal: 6,
        activeAt: '2026-11-02T09:29:58.000Z',
      },
    ],
  },
);

const day = {
  type: 'string',
  format: 'date',
  description: 'A calendar day of the learner: the date in the offset from UTC that `occurredAt` was sent with.',
  examples: ['2026-11-02'],
} as const;

export const daysQuery = {
  ...pageQuery,
  from: { ...day, description: 'The first day to list.' },
  to: { ...day, description: 'The last day to list.' },
} as const;

export const playedDay = closedObject(
  {
    day,
    secondsPlayed: { ...secondsPlayed, description: 'How much the learner played on that day, in all courses.' },
    courses: {
      type: 'array',
      items: closedObject({ courseId: slug, secondsPlayed }, { title: 'PlayedCourse' }),
      description: 'The courses that were played on that day, most played first.',
    },
  },
  {
    title: 'PlayedDay',
    description: 'What a learner played on one day.',
    examples: [
      {
        day: '2026-11-02',
        secondsPlayed: 1480,
        courses: [{ courseId: 'listening-to-the-world', secondsPlayed: 1480 }],
      },
    ],
  },
);
