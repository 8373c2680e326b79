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
  readonly playedSeconds?: number;
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
  readonly secondsPlayed: number;
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
  readonly secondsPlayed: number;
  /** The lesson that `continue` offers. Null if the course is not in its list. */
  readonly toContinue: string | null;
  /** The answer to the last request, by event. Empty if something else came last. */
  readonly verdicts: readonly Verdict[];
}

/** An accepted event, with the lesson as the course had it then. */
interface Taken extends TrueEvent {
  readonly id: string;
  readonly says: 'done' | 'done if enough was played' | 'not done' | null;
  readonly isAtEnd: boolean;
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
  /** The lessons of which enough was played, at an event while the course had them. */
  let heard = new Set<string>();
  /** Whether the list of what to continue had the course after the last write. */
  let isListed = false;
  const toContinueNow = () => lessonToContinue(outline.lessons, taken, heard, completion);

  for (const happening of log) {
    verdicts = [];
    if (happening.kind === 'published') {
      outline = happening;
    } else if (happening.kind === 'left') {
      if (!joined) continue;
      joined = false;
      leftAtMs = happening.atMs;
      taken = [];
      heard = new Set();
      completion = null;
    } else if (happening.kind === 'joined') {
      joined = true;
      completion = completionOf(outline, taken, heard, completion);
      isListed = toContinueNow() !== null;
    } else {
      const outcomes = happening.events.map((event): 'duplicate' | 'superseded' | Taken => {
        const id = event.eventId.toLowerCase();
        if (known.has(id)) return 'duplicate';
        if (leftAtMs !== null && event.atMs <= leftAtMs) return 'superseded';
        known.add(id);
        const accepted = takenWith(outline.lessons, event);
        taken.push(accepted);
        return accepted;
      });
      const accepted = outcomes.filter((outcome) => typeof outcome === 'object');
      for (const lesson of outline.lessons) {
        if (accepted.some(({ lessonId }) => lessonId === lesson.id) && isHeard(lesson, taken)) heard.add(lesson.id);
      }
      if (accepted.length > 0) {
        joined = true;
        completion = completionOf(outline, taken, heard, completion);
        isListed = toContinueNow() !== null;
      }
      verdicts = outcomes.map((outcome) => {
        if (typeof outcome === 'string') return outcome;
        const isVisible = historyOf(outcome.lessonId, taken, heard).shown.has(outcome.id);
        return isVisible || (outcome.playedSeconds ?? 0) > 0 ? 'applied' : 'superseded';
      });
    }
  }

  const begun = [...new Set(taken.map(({ lessonId }) => lessonId))];
  const histories = begun.map((lessonId) => historyOf(lessonId, taken, heard));
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
    secondsPlayed: histories.reduce((sum, { secondsPlayed }) => sum + secondsPlayed, 0),
    toContinue: isListed && joined ? toContinueNow() : null,
    verdicts,
  };
}

/** A recording after these events, in any order. */
export function modelLesson(
  lessonId: string,
  events: readonly TrueEvent[],
  durationSeconds: number,
): ModelLessonProgress {
  const lesson = { id: lessonId, durationSeconds };
  const taken = events.map((event) => takenWith([lesson], event));
  return historyOf(lessonId, taken, new Set(isHeard(lesson, taken) ? [lessonId] : []));
}

/**
 * Whether a lesson was played by half, if positions without playing time count as played up to there, and its last twentieth
 * was too, or for 10 s.
 */
function isHeard({ id, durationSeconds }: ModelLesson, taken: readonly Taken[]): boolean {
  if (durationSeconds === null) return true;
  const events = taken.filter(({ lessonId }) => lessonId === id);
  const unmeasured = events.filter(({ playedSeconds }) => playedSeconds === undefined);
  const played = secondsOf(events) + Math.max(0, ...unmeasured.map(({ position }) => position ?? 0));
  const playedAtEnd = secondsOf(events.filter(({ isAtEnd }) => isAtEnd));
  return played >= durationSeconds / 2 && (playedAtEnd >= durationSeconds / 40 || playedAtEnd >= 10);
}

function secondsOf(events: readonly TrueEvent[]): number {
  return events.reduce((sum, { playedSeconds }) => sum + (playedSeconds ?? 0), 0);
}

/** "What to continue" in docs/progress.md. */
function lessonToContinue(
  lessons: readonly ModelLesson[],
  taken: readonly Taken[],
  heard: ReadonlySet<string>,
  completion: Completion | null,
): string | null {
  const lastId = inOrder(taken).at(-1)?.lessonId;
  const last = Math.max(
    0,
    lessons.findIndex(({ id }) => id === lastId),
  );
  const inTurn = [...lessons.slice(last), ...lessons.slice(0, last)];
  const replays = inTurn.flatMap((lesson) => {
    const atMs = replayedAtMs(lesson, taken, heard);
    return atMs === null ? [] : [{ id: lesson.id, atMs }];
  });
  if (replays.some(({ id }) => id === lastId)) return lastId ?? null;
  const incomplete = inTurn.find(({ id }) => !historyOf(id, taken, heard).completed);
  if (incomplete !== undefined) return incomplete.id;
  const again = replays.filter(({ atMs }) => completion !== null && atMs >= completion.atMs);
  const newestLast = inOrder(taken).filter(({ lessonId, position }) => {
    return position !== undefined && again.some(({ id }) => id === lessonId);
  });
  return newestLast.at(-1)?.lessonId ?? null;
}

/** When a completed lesson was last played in its middle, with nothing after that completing it again. */
function replayedAtMs(lesson: ModelLesson, taken: readonly Taken[], heard: ReadonlySet<string>): number | null {
  const events = inOrder(taken).filter(({ lessonId }) => lessonId === lesson.id);
  const done = spokenOf(events, heard).at(-1);
  const newest = events.filter(({ position }) => position !== undefined).at(-1);
  if (done?.isDone !== true || newest?.position === undefined) return null;
  const isLater = events.findIndex(({ id }) => id === newest.id) > events.findIndex(({ id }) => id === done.id);
  const isInside =
    newest.position > (lesson.durationSeconds === null ? 0 : 1) && newest.position < completeFrom([lesson], newest);
  return isLater && isInside ? newest.atMs : null;
}

/** The position that completes the lesson of an event. None does in a lesson that was removed. */
function completeFrom(lessons: readonly ModelLesson[], { lessonId }: TrueEvent): number {
  const lesson = lessons.find(({ id }) => id === lessonId);
  return lesson === undefined ? Number.POSITIVE_INFINITY : 0.95 * (lesson.durationSeconds ?? 1);
}

function takenWith(lessons: readonly ModelLesson[], event: TrueEvent): Taken {
  const from = completeFrom(lessons, event);
  const isAtEnd = event.position !== undefined && event.position >= from;
  return { ...event, id: event.eventId.toLowerCase(), says: whatItSays(event, from), isAtEnd };
}

/** What the learner says explicitly wins over the position, and a position that was only moved to says nothing. */
function whatItSays({ position, completed, playedSeconds }: TrueEvent, from: number): Taken['says'] {
  if (completed !== undefined) return completed ? 'done' : 'not done';
  if (position === undefined || position < from || playedSeconds === 0) return null;
  return playedSeconds === undefined ? 'done' : 'done if enough was played';
}

/** By time, then by id. */
function inOrder(events: readonly Taken[]): readonly Taken[] {
  return [...events].sort((a, b) => a.atMs - b.atMs || (a.id < b.id ? -1 : 1));
}

function historyOf(lessonId: string, taken: readonly Taken[], heard: ReadonlySet<string>): LessonHistory {
  const events = inOrder(taken).filter((event) => event.lessonId === lessonId);
  const positioned = events.filter(({ position }) => position !== undefined);
  const covered = positioned.filter(({ playedSeconds }) => playedSeconds !== 0);
  const spoken = spokenOf(events, heard);
  const furthest = Math.max(0, ...covered.map(({ position }) => position ?? 0));

  const newest = positioned.at(-1);
  const [farthest] = covered
    .filter(({ position }) => position === furthest)
    .map(({ id }) => id)
    .sort()
    .reverse();
  const last = spoken.at(-1);
  const first = spoken.find(({ isDone }) => isDone);
  const completed = last?.isDone === true;
  return {
    lessonId,
    position: newest?.position ?? 0,
    furthest,
    completed,
    completedAtMs: completed ? last.atMs : null,
    firstCompletedAtMs: first?.atMs ?? null,
    secondsPlayed: secondsOf(events),
    updatedAtMs: Math.max(...[newest, last].flatMap((event) => (event === undefined ? [] : [event.atMs]))),
    shown: new Set([newest?.id, farthest, last?.id, first?.id].filter((id) => id !== undefined)),
    isTakenBack: last?.isDone === false,
  };
}

/** The events that say whether the lesson is done, in order. */
function spokenOf(events: readonly Taken[], heard: ReadonlySet<string>) {
  return events.flatMap((event) => {
    if (event.says === null) return [];
    if (event.says !== 'done if enough was played') return [{ ...event, isDone: event.says === 'done' }];
    return heard.has(event.lessonId) ? [{ ...event, isDone: true }] : [];
  });
}

function completionOf(
  { revision, lessons }: { readonly revision: number; readonly lessons: readonly ModelLesson[] },
  taken: readonly Taken[],
  heard: ReadonlySet<string>,
  before: Completion | null,
): Completion | null {
  const current = lessons.map(({ id }) => historyOf(id, taken, heard));
  if (current.length > 0 && current.every(({ completed }) => completed)) {
    const lastFirstCompletion = Math.max(...current.map(({ firstCompletedAtMs }) => firstCompletedAtMs ?? 0));
    return {
      atMs: Math.min(before?.atMs ?? lastFirstCompletion, lastFirstCompletion),
      revision: before?.revision ?? revision,
    };
  }
  if (before === null) return null;
  const everBegun = [...new Set(taken.map(({ lessonId }) => lessonId))].map((lessonId) =>
    historyOf(lessonId, taken, heard),
  );
  const isWithdrawn = everBegun.some(
    ({ isTakenBack, firstCompletedAtMs }) =>
      isTakenBack && firstCompletedAtMs !== null && firstCompletedAtMs <= before.atMs,
  );
  return isWithdrawn ? null : before;
}
