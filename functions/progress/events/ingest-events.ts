import { confirmAfterFirstWrite } from '../../../shared/access/require-caller.ts';
import type { Caller } from '../../../shared/auth/caller.ts';
import type { LessonRegisters, ProgressDocument } from '../../../shared/db/collections.ts';
import type { Principal } from '../../../shared/http/handler.ts';
import type { Problem } from '../../../shared/http/problem.ts';
import { count } from '../../../shared/telemetry/business-metrics.ts';
import {
  type CourseProgressSummary,
  courseProgressSummaryOf,
  type LessonProgress,
  lessonProgressOf,
} from '../learner/course-progress.ts';
import { type Learner, publishedOutline, requireLearner } from '../learner/learner.ts';
import { type AcceptedEvent, courseRecordOf } from './course-record.ts';
import { deviceClock } from './device-clock.ts';
import { playedMsOf } from './effect.ts';
import { eventDigest, eventIdentity } from './event-identity.ts';
import type { CourseRecord } from './merge-stages-repository.ts';
import { isOutdated, mergeRecord, removeProgress } from './progress-repository.ts';
import { type EventVerdict, type ProgressEvent, validateEvent } from './validate-event.ts';

/** The events of one request, each with its JSON Pointer into the body. */
export interface EventBatch {
  /** What the device's clock showed when it sent the batch. Null if it did not say. */
  readonly sentAt: Date | null;
  readonly events: readonly { readonly event: ProgressEvent; readonly pointer: string }[];
}

/** The result for one event, with the lesson as it is now. `lesson` is null if the learner has no such lesson. */
export type EventOutcome = { readonly event: ProgressEvent } & (
  | { readonly status: 'applied' | 'superseded' | 'duplicate'; readonly lesson: LessonProgress }
  | { readonly status: 'rejected'; readonly lesson: LessonProgress | null; readonly reason: Problem }
);

/** The result of a batch. */
export interface BatchOutcome {
  readonly learner: Learner;
  /** One for each event, in order. */
  readonly outcomes: readonly EventOutcome[];
  /** The courses of the events that were not rejected, as they are now. */
  readonly courses: readonly CourseProgressSummary[];
}

/** As many writes at a time as the database client has connections. */
const CONCURRENT_WRITES = 5;

/**
 * Ingests the events of a device: reads what validation needs in one round trip, then writes each course once.
 * @throws Problem `invalid-token` when the session has ended or the account is gone; `unavailable`, and then some of
 * the courses may be written. Sending the same events again is safe.
 */
export async function ingestEvents(
  principal: Principal,
  { sentAt, events }: EventBatch,
  receivedAt: Date,
): Promise<BatchOutcome> {
  const courseIds = [...new Set(events.map(({ event }) => event.courseId))];
  const digests = [...new Set(events.map(({ event }) => eventDigest(event.eventId)))];
  const learner = await requireLearner(principal, courseIds, digests, receivedAt);

  const clock = deviceClock(sentAt, receivedAt);
  const accepted = new Map<string, Map<string, AcceptedEvent>>();
  const verdicts = events.map(({ event, pointer }): EventVerdict => {
    const { courseId, eventId } = event;
    const ofCourse = accepted.get(courseId) ?? new Map<string, AcceptedEvent>();
    if (ofCourse.has(eventIdentity(eventId))) return { kind: 'duplicate' };
    const verdict = validateEvent(event, learner, clock, pointer);
    if (verdict.kind === 'accepted') {
      accepted.set(courseId, ofCourse.set(eventIdentity(eventId), { ...event, ...verdict }));
    }
    return verdict;
  });

  const progress = new Map(learner.progress);
  const records = [...accepted].flatMap(([courseId, ofCourse]) => {
    const outline = learner.courses.get(courseId)?.outline;
    return outline === undefined ? [] : [courseRecordOf({ courseId, receivedAt, outline }, [...ofCourse.values()])];
  });
  let outdated = false;
  const remaining = records.values();
  const write = async () => {
    for (const record of remaining) {
      const document = await writeRecord(learner.caller, record);
      outdated ||= isOutdated(record, document);
      progress.set(record.courseId, document);
    }
  };
  await Promise.all(Array.from({ length: CONCURRENT_WRITES }, write));
  // The learner left a course between the read and the write: validate again, against the new leaving time.
  if (outdated) return ingestEvents(principal, { sentAt, events }, receivedAt);

  const outcomes = events.map(({ event }, index) =>
    outcomeOf(event, verdicts[index] as EventVerdict, progress.get(event.courseId)),
  );
  count('LessonsCompleted', outcomes.filter((outcome) => isFirstCompletion(outcome, progress)).length);
  return { learner, outcomes, courses: touchedCourses(outcomes, learner, progress) };
}

/**
 * Writes one course. If it creates the document, it confirms the account once more.
 * @throws Problem `invalid-token` when the account is gone; then nothing of it remains.
 */
export async function writeRecord(caller: Caller, record: CourseRecord): Promise<ProgressDocument> {
  const { document, isFirst } = await mergeRecord(caller, record);
  if (isFirst) await confirmAfterFirstWrite(caller, () => removeProgress(caller));
  return document;
}

function outcomeOf(event: ProgressEvent, verdict: EventVerdict, document: ProgressDocument | undefined): EventOutcome {
  const registers = document?.lessons[event.lessonId];
  const lesson = lessonProgressOf(event.lessonId, registers);
  switch (verdict.kind) {
    case 'rejected':
      return {
        event,
        status: 'rejected',
        lesson: registers !== undefined || verdict.lessonExists ? lesson : null,
        reason: verdict.reason,
      };
    case 'duplicate':
      return { event, status: 'duplicate', lesson };
    case 'outdated':
      return { event, status: 'superseded', lesson };
    case 'accepted': {
      const isVisible = Boolean(playedMsOf(event)) || showsEvent(registers, eventIdentity(event.eventId));
      return { event, status: isVisible ? 'applied' : 'superseded', lesson };
    }
  }
}

/** Tells whether a lesson is completed since this event, and was not before. */
function isFirstCompletion({ event, status }: EventOutcome, progress: ReadonlyMap<string, ProgressDocument>): boolean {
  const { firstCompletion } = progress.get(event.courseId)?.lessons[event.lessonId] ?? {};
  return status === 'applied' && firstCompletion?.by === eventIdentity(event.eventId);
}

/** Tells whether an event shows in what the learner sees of a lesson. */
function showsEvent(registers: LessonRegisters | undefined, by: string): boolean {
  const { position, furthest, completion, firstCompletion } = registers ?? {};
  return [position, furthest, completion, firstCompletion].some((register) => register?.by === by);
}

function touchedCourses(
  outcomes: readonly EventOutcome[],
  { courses }: Learner,
  progress: ReadonlyMap<string, ProgressDocument>,
): CourseProgressSummary[] {
  const touched = outcomes.flatMap(({ status, event }) => (status === 'rejected' ? [] : [event.courseId]));
  return [...new Set(touched)].flatMap((courseId) => {
    const document = progress.get(courseId);
    return document === undefined ? [] : [courseProgressSummaryOf(document, publishedOutline(courses.get(courseId)))];
  });
}
