/*
 * An independent model of progress: it replays a plain log of everything that reached the server, by the rules of
 * docs/progress.md, without any of the code under test. Slow, and obvious.
 */

/** What measuring progress needs of a lesson. */
export interface ModelLesson {
  readonly id: string;
  /** Null for an article, whose positions are fractions. */
  readonly durationSeconds: number | null;
}

/** Something that happened in a lesson, and when, by the server's clock. */
export interface TrueEvent {
  readonly eventId: string;
  readonly lessonId: string;
  readonly atMs: number;
  readonly position?: number;
  readonly completed?: boolean;
}

/** A change to a learner's progress in one course. The events of one request are one change. */
export type Happening =
  | { readonly kind: 'published'; readonly revision: number; readonly lessons: readonly ModelLesson[] }
  | { readonly kind: 'joined' }
  | { readonly kind: 'left'; readonly atMs: number }
  | { readonly kind: 'reported'; readonly events: readonly TrueEvent[] };

export type Verdict = 'applied' | 'superseded' | 'duplicate';

export interface ModelLessonProgress {
  readonly lessonId: string;
  readonly position: number;
  readonly furthest: number;
  readonly completed: boolean;
  readonly completedAtMs: number | null;
  readonly firstCompletedAtMs: number | null;
  readonly updatedAtMs: number;
}

export interface ModelProgress {
  readonly joined: boolean;
  readonly leftAtMs: number | null;
  readonly lessons: readonly ModelLessonProgress[];
  readonly lastLessonId: string | null;
  readonly lessonsCompleted: number;
  readonly lessonsTotal: number;
  readonly completedAtMs: number | null;
  readonly completedRevision: number | null;
  /** The answer to the last request, by event. Empty if something else came last. */
  readonly verdicts: readonly Verdict[];
}

/** An accepted event, with the lesson as the course had it then. */
interface Taken extends TrueEvent {
  readonly id: string;
  readonly says: 'done' | 'not done' | null;
}

interface LessonHistory extends ModelLessonProgress {
  /** The events that this depends on. */
  readonly shown: ReadonlySet<string>;
  readonly isTakenBack: boolean;
}

interface Completion {
  readonly atMs: number;
  readonly revision: number;
}

/** When an event happened, by the server's clock: "Clocks" in docs/progress.md. */
export function correctedMs(occurredAtMs: number, sentAtMs: number, receivedAtMs: number): number {
  const offsetMs = receivedAtMs - sentAtMs;
  const shifted = Math.abs(offsetMs) > 30_000 ? occurredAtMs + offsetMs : occurredAtMs;
  return Math.min(shifted, receivedAtMs);
}

/** A period of access to a course, from its beginning until its end. */
export type Period = readonly [fromMs: number, untilMs: number];

/** Whether a learner had access when something happened. A clock that is not corrected may be 30 s slow. */
export function hadAccess(periods: readonly Period[], atMs: number): boolean {
  return periods.some(([fromMs, untilMs]) => fromMs - 30_000 <= atMs && atMs < untilMs);
}

/** The progress after all of this, in the order of writing. */
export function replay(log: readonly Happening[]): ModelProgress {
  let outline: { readonly revision: number; readonly lessons: readonly ModelLesson[] } = { revision: 0, lessons: [] };
  const known = new Set<string>();
  let taken: Taken[] = [];
  let joined = false;
  let leftAtMs: number | null = null;
  let completion: Completion | null = null;
  let verdicts: readonly Verdict[] = [];

  for (const happening of log) {
    verdicts = [];
    if (happening.kind === 'published') {
      outline = happening;
    } else if (happening.kind === 'left') {
      if (!joined) continue;
      joined = false;
      leftAtMs = happening.atMs;
      taken = [];
      completion = null;
    } else if (happening.kind === 'joined') {
      joined = true;
      completion = completionOf(outline, taken, completion);
    } else {
      const outcomes = happening.events.map((event): 'duplicate' | 'superseded' | Taken => {
        const id = event.eventId.toLowerCase();
        if (known.has(id)) return 'duplicate';
        if (leftAtMs !== null && event.atMs <= leftAtMs) return 'superseded';
        known.add(id);
        const accepted = { ...event, id, says: whatItSays(event, completeFrom(outline.lessons, event)) };
        taken.push(accepted);
        return accepted;
      });
      if (outcomes.some((outcome) => typeof outcome === 'object')) {
        joined = true;
        completion = completionOf(outline, taken, completion);
      }
      verdicts = outcomes.map((outcome) => {
        if (typeof outcome === 'string') return outcome;
        return historyOf(outcome.lessonId, taken).shown.has(outcome.id) ? 'applied' : 'superseded';
      });
    }
  }

  const begun = [...new Set(taken.map(({ lessonId }) => lessonId))];
  const histories = begun.map((lessonId) => historyOf(lessonId, taken));
  return {
    joined,
    leftAtMs,
    lessons: histories.map(({ shown: _, isTakenBack: __, ...lesson }) => lesson),
    lastLessonId: inOrder(taken).at(-1)?.lessonId ?? null,
    lessonsCompleted: outline.lessons.filter(({ id }) => histories.some((l) => l.lessonId === id && l.completed))
      .length,
    lessonsTotal: outline.lessons.length,
    completedAtMs: completion?.atMs ?? null,
    completedRevision: completion?.revision ?? null,
    verdicts,
  };
}

/** A lesson after these events, in any order. */
export function modelLesson(lessonId: string, events: readonly TrueEvent[], from: number): ModelLessonProgress {
  const taken = events.map((event) => ({ ...event, id: event.eventId.toLowerCase(), says: whatItSays(event, from) }));
  return historyOf(lessonId, taken);
}

/** The position that completes the lesson of an event. None does in a lesson that was removed. */
function completeFrom(lessons: readonly ModelLesson[], { lessonId }: TrueEvent): number {
  const lesson = lessons.find(({ id }) => id === lessonId);
  return lesson === undefined ? Number.POSITIVE_INFINITY : 0.95 * (lesson.durationSeconds ?? 1);
}

/** What the learner says explicitly wins over the position. */
function whatItSays({ position, completed }: TrueEvent, from: number): Taken['says'] {
  if (completed !== undefined) return completed ? 'done' : 'not done';
  return position !== undefined && position >= from ? 'done' : null;
}

/** By time, then by id. */
function inOrder(events: readonly Taken[]): readonly Taken[] {
  return [...events].sort((a, b) => a.atMs - b.atMs || (a.id < b.id ? -1 : 1));
}

function historyOf(lessonId: string, taken: readonly Taken[]): LessonHistory {
  const events = inOrder(taken).filter((event) => event.lessonId === lessonId);
  const positioned = events.filter(({ position }) => position !== undefined);
  const spoken = events.filter(({ says }) => says !== null);
  const furthest = Math.max(0, ...positioned.map(({ position }) => position ?? 0));

  const newest = positioned.at(-1);
  const [farthest] = positioned
    .filter(({ position }) => position === furthest)
    .map(({ id }) => id)
    .sort()
    .reverse();
  const last = spoken.at(-1);
  const first = spoken.find(({ says }) => says === 'done');
  const completed = last?.says === 'done';
  return {
    lessonId,
    position: newest?.position ?? 0,
    furthest,
    completed,
    completedAtMs: completed ? last.atMs : null,
    firstCompletedAtMs: first?.atMs ?? null,
    updatedAtMs: Math.max(...[newest, last].flatMap((event) => (event === undefined ? [] : [event.atMs]))),
    shown: new Set([newest?.id, farthest, last?.id, first?.id].filter((id) => id !== undefined)),
    isTakenBack: last?.says === 'not done',
  };
}

function completionOf(
  { revision, lessons }: { readonly revision: number; readonly lessons: readonly ModelLesson[] },
  taken: readonly Taken[],
  before: Completion | null,
): Completion | null {
  const current = lessons.map(({ id }) => historyOf(id, taken));
  if (current.length > 0 && current.every(({ completed }) => completed)) {
    const lastOfFirst = Math.max(...current.map(({ firstCompletedAtMs }) => firstCompletedAtMs ?? 0));
    return { atMs: Math.min(before?.atMs ?? lastOfFirst, lastOfFirst), revision: before?.revision ?? revision };
  }
  if (before === null) return null;
  const everBegun = [...new Set(taken.map(({ lessonId }) => lessonId))].map((lessonId) => historyOf(lessonId, taken));
  const isWithdrawn = everBegun.some(
    ({ isTakenBack, firstCompletedAtMs }) =>
      isTakenBack && firstCompletedAtMs !== null && firstCompletedAtMs <= before.atMs,
  );
  return isWithdrawn ? null : before;
}
