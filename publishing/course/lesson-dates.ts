/** When each lesson that a course has ever had was first published, by its id. */
export type LessonDates = ReadonlyMap<string, Date>;

const MINUTE_MILLISECONDS = 60_000;

/** The distance of lessons that are published together. */
const SPACING_MINUTES = 60;

/** The distance from a lesson to a later one that it is put before, in spacings: a module usually grows at its end. */
const SPACINGS_BEFORE_NEXT = 3;

/** Most minutes between the last lesson and its publication: room for lessons that are added right after it. */
const ROOM_AT_END_MINUTES = 15;

/**
 * Dates the new lessons of an outline for podcast apps, which sort episodes by date, some of them to the minute. Dates
 * are whole minutes, all different, and never later than `now`. Known dates stay as they are.
 *
 * A new lesson's date is between those of its neighbours in the outline, and as late as the spacing permits: a few
 * minutes before `now` for the last lesson. Without a free minute there, it is the last free one before the next lesson.
 * @param outline the ids of all lessons, in order
 * @param known dates of earlier publications, also of lessons that the outline does not contain
 * @returns the known dates and the new ones
 */
export function dateLessons(outline: readonly string[], known: LessonDates, now: Date): LessonDates {
  const dates = new Map(known);
  const end = minuteOf(now) + 1;
  for (const { ids, previous, next } of newRuns(outline, known)) {
    const taken = new Set([...dates.values()].map(minuteOf));
    const after = previous === undefined ? Number.NEGATIVE_INFINITY : minuteOf(previous);
    const before = next === undefined ? end : Math.min(minuteOf(next), end);
    const isLast = before === end;
    const enough = (ids.length + SPACINGS_BEFORE_NEXT) * SPACING_MINUTES - 1 + (isLast ? ROOM_AT_END_MINUTES : 0);
    const between = freeMinutes(after, before, enough, taken);
    const minutes =
      between.length < ids.length
        ? freeMinutes(Number.NEGATIVE_INFINITY, before, ids.length, taken)
        : spread(between, ids.length, isLast);
    for (const [index, minute] of minutes.entries()) {
      dates.set(ids[index] ?? '', new Date(minute * MINUTE_MILLISECONDS));
    }
  }
  return dates;
}

/** New lessons with no known one between them. */
interface NewRun {
  readonly ids: readonly string[];
  /** The dates of the lessons before and after. Undefined at either end of the outline. */
  readonly previous: Date | undefined;
  readonly next: Date | undefined;
}

function newRuns(outline: readonly string[], known: LessonDates): readonly NewRun[] {
  const runs: NewRun[] = [];
  let ids: string[] = [];
  let previous: Date | undefined;
  const closeRun = (next: Date | undefined) => {
    if (ids.length > 0) runs.push({ ids, previous, next });
    ids = [];
    previous = next;
  };
  for (const id of outline) {
    const date = known.get(id);
    if (date === undefined) ids.push(id);
    else closeRun(date);
  }
  closeRun(undefined);
  return runs;
}

/** Returns the last minutes between two that are not taken, at most so many, in ascending order. */
function freeMinutes(after: number, before: number, most: number, taken: ReadonlySet<number>): readonly number[] {
  const free: number[] = [];
  for (let minute = before - 1; minute > after && free.length < most; minute -= 1) {
    if (!taken.has(minute)) free.push(minute);
  }
  return free.reverse();
}

/**
 * Chooses `count` of these minutes at even distances, with some minutes left at both ends.
 * @param isLast whether the last one is as late as the room at the end permits
 */
function spread(minutes: readonly number[], count: number, isLast: boolean): readonly number[] {
  const room = isLast ? Math.min(Math.floor((minutes.length - count) / 2), ROOM_AT_END_MINUTES) : 0;
  const usable = minutes.length - room;
  const evenly = Math.floor((usable + 1) / (count + SPACINGS_BEFORE_NEXT));
  const step = Math.min(Math.max(evenly, 1), SPACING_MINUTES);
  const first = isLast ? usable - 1 - (count - 1) * step : step - 1;
  return minutes.filter((_, index) => index >= first && (index - first) % step === 0).slice(0, count);
}

function minuteOf(date: Date): number {
  return Math.floor(date.getTime() / MINUTE_MILLISECONDS);
}
