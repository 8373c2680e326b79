import { confirmAccount } from '../../../shared/access/account-repository.ts';
import { invalidToken } from '../../../shared/auth/challenges.ts';
import type { ProgressDocument } from '../../../shared/db/collections.ts';
import type { Principal } from '../../../shared/http/handler.ts';
import type { Problem } from '../../../shared/http/problem.ts';
import {
  type CourseProgressSummary,
  courseProgressSummaryOf,
  type LessonProgress,
  lessonProgressOf,
} from '../learner/course-progress.ts';
import { requireLearner } from '../learner/learner.ts';
import type { Learner } from '../learner/learner-repository.ts';
import { type AcceptedEvent, recordOf } from './course-record.ts';
import { deviceClock } from './device-clock.ts';
import { eventIdentity } from './effect.ts';
import { eventDigest } from './event-digest.ts';
import { type CourseRecord, isOutdated, recordProgress, removeProgress } from './progress-repository.ts';
import { type Judgement, judge, type ProgressEvent } from './validate-event.ts';

/** Events of one request, and where each stands in it. */
export interface Report {
  /** What the device's clock showed when it sent them; null where it did not say. */
  readonly sentAt: Date | null;
  readonly events: readonly { readonly event: ProgressEvent; readonly pointer: string }[];
}

/** What became of one event, and the lesson as it now is: null where there is none for this learner. */
export type EventOutcome = { readonly event: ProgressEvent } & (
  | { readonly status: 'applied' | 'superseded' | 'duplicate'; readonly lesson: LessonProgress }
  | { readonly status: 'rejected'; readonly lesson: LessonProgress | null; readonly fault: Problem }
);

/** What became of a report. */
export interface ReportOutcome {
  readonly learner: Learner;
  /** Of each event, in order. */
  readonly outcomes: readonly EventOutcome[];
  /** The courses of the events that were not rejected, as they now are. */
  readonly courses: readonly CourseProgressSummary[];
}

/** Writes under way at a time: as many as the client has connections. */
const CONCURRENT_WRITES = 5;

/**
 * Takes what a device reports: reads what it is judged by in one round trip, then writes each course it touches once.
 * @throws Problem `invalid-token` when the session is over or the account gone; `unavailable`, and then some of the
 * courses may be written: to send the same events again does no harm.
 */
export async function takeReport(
  principal: Principal,
  { sentAt, events }: Report,
  receivedAt: Date,
): Promise<ReportOutcome> {
  const courseIds = [...new Set(events.map(({ event }) => event.courseId))];
  const digests = [...new Set(events.map(({ event }) => eventDigest(event.eventId)))];
  const learner = await requireLearner(principal, courseIds, digests, receivedAt);

  const clock = deviceClock(sentAt, receivedAt);
  const accepted = new Map<string, Map<string, AcceptedEvent>>();
  const judgements = events.map(({ event, pointer }): Judgement => {
    const { courseId, eventId } = event;
    const ofCourse = accepted.get(courseId) ?? new Map<string, AcceptedEvent>();
    if (ofCourse.has(eventIdentity(eventId))) return { kind: 'duplicate' };
    const judgement = judge(event, learner, clock, { pointer, now: receivedAt });
    if (judgement.kind === 'accepted') {
      accepted.set(courseId, ofCourse.set(eventIdentity(eventId), { ...event, ...judgement }));
    }
    return judgement;
  });

  const progress = new Map(learner.progress);
  const records = [...accepted].flatMap(([courseId, ofCourse]) => {
    const outline = learner.courses.get(courseId)?.outline;
    const place = { userId: principal.userId, courseId, receivedAt };
    return outline === undefined ? [] : [recordOf({ ...place, outline }, [...ofCourse.values()])];
  });
  let outdated = false;
  const waiting = records.values();
  const write = async () => {
    for (const record of waiting) {
      const document = await writeRecord(record);
      outdated ||= isOutdated(record, document);
      progress.set(record.courseId, document);
    }
  };
  await Promise.all(Array.from({ length: CONCURRENT_WRITES }, write));
  // A course was left between the read and the write: what is newer than that is to be told from what is older.
  if (outdated) return takeReport(principal, { sentAt, events }, receivedAt);

  const outcomes = events.map(({ event }, index) =>
    outcomeOf(event, judgements[index] as Judgement, progress.get(event.courseId)),
  );
  return { learner, outcomes, courses: touchedCourses(outcomes, learner, progress) };
}

/**
 * Writes what is new of one course. After the first write of a learner and course the account is looked for once more: an
 * erasure at the same moment may not have seen the new document, and then the account is not there to be seen.
 * @throws Problem `invalid-token` when it is gone; then nothing is left of it.
 */
export async function writeRecord(record: CourseRecord): Promise<ProgressDocument> {
  const { document, isFirst } = await recordProgress(record);
  if (isFirst && !(await confirmAccount(record.userId))) {
    await removeProgress(record.userId);
    throw invalidToken();
  }
  return document;
}

function outcomeOf(event: ProgressEvent, judgement: Judgement, document: ProgressDocument | undefined): EventOutcome {
  const registers = document?.lessons[event.lessonId];
  const lesson = lessonProgressOf(event.lessonId, registers);
  switch (judgement.kind) {
    case 'rejected':
      return {
        event,
        status: 'rejected',
        lesson: registers !== undefined || judgement.lessonExists ? lesson : null,
        fault: judgement.fault,
      };
    case 'duplicate':
      return { event, status: 'duplicate', lesson };
    case 'outdated':
      return { event, status: 'superseded', lesson };
    case 'accepted': {
      const by = eventIdentity(event.eventId);
      const shows = Object.values(registers ?? {}).some((register) => register?.by === by);
      return { event, status: shows ? 'applied' : 'superseded', lesson };
    }
  }
}

function touchedCourses(
  outcomes: readonly EventOutcome[],
  { courses }: Learner,
  progress: ReadonlyMap<string, ProgressDocument>,
): CourseProgressSummary[] {
  const touched = outcomes.flatMap(({ status, event }) => (status === 'rejected' ? [] : [event.courseId]));
  return [...new Set(touched)].flatMap((courseId) => {
    const document = progress.get(courseId);
    const outline = courses.get(courseId)?.outline ?? null;
    return document === undefined ? [] : [courseProgressSummaryOf(document, outline)];
  });
}
