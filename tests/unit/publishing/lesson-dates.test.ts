import fc from 'fast-check';
import { dateLessons, type LessonDates } from '../../../publishing/course/lesson-dates.ts';

const NONE: LessonDates = new Map();
const MINUTE = 60_000;
const at = (time: string) => new Date(`2026-11-02T${time}Z`);
const datesOf = (outline: readonly string[], known: LessonDates, now: Date) => {
  const dates = dateLessons(outline, known, now);
  return outline.map((id) => dates.get(id)?.toISOString().slice(0, 16));
};

describe('lessons that are published together', () => {
  it('are dated an hour apart in the order of the outline, the last one a quarter of an hour before the publication', () => {
    expect(datesOf(['a', 'b', 'c'], NONE, at('09:30:59.999'))).toEqual([
      '2026-11-02T07:15',
      '2026-11-02T08:15',
      '2026-11-02T09:15',
    ]);
  });
});

describe('a lesson that is added later', () => {
  const known = dateLessons(['a', 'b', 'c'], NONE, at('09:30:00'));
  const later = new Date('2026-11-20T12:00:30Z');

  it('is dated a quarter of an hour before the publication if it is the last', () => {
    expect(datesOf(['a', 'b', 'c', 'd'], known, later).at(-1)).toBe('2026-11-20T11:45');
  });

  it('is dated between its neighbours otherwise, and changes no other date', () => {
    expect(datesOf(['a', 'new', 'b', 'c'], known, later)).toEqual([
      ...['2026-11-02T07:15', '2026-11-02T07:30', '2026-11-02T08:15', '2026-11-02T09:15'],
    ]);
  });

  it('is dated before the first if it is the first', () => {
    expect(datesOf(['new', 'a', 'b', 'c'], known, later)[0]).toBe('2026-11-02T04:15');
  });

  it('is dated near the next lesson if the previous one is much older', () => {
    const extended = dateLessons(['a', 'b', 'c', 'd'], known, later);
    expect(datesOf(['a', 'b', 'c', 'new', 'd'], extended, later)[3]).toBe('2026-11-20T08:45');
  });

  it('gets the date of its first publication again when it returns', () => {
    const grown = dateLessons(['a', 'new', 'b', 'c'], known, later);
    const without = dateLessons(['a', 'b', 'c'], grown, later);
    expect(datesOf(['a', 'new', 'b', 'c'], without, new Date('2027-01-01T00:00Z'))[1]).toBe('2026-11-02T07:30');
  });

  it('never takes the date of a removed lesson', () => {
    const grown = dateLessons(['a', 'gone', 'b', 'c'], known, later);
    expect(datesOf(['a', 'new', 'b', 'c'], grown, later)[1]).not.toBe('2026-11-02T07:30');
  });

  it.each([
    [14, 1],
    [3, 5],
  ])('has room for %d publications of %d behind one another', (publications, atOnce) => {
    let dates = known;
    let outline = ['a', 'b', 'c'];
    for (let publication = 0; publication < publications; publication += 1) {
      const added = Array.from({ length: atOnce }, (_, index) => `${publication}-${index}`);
      outline = [...outline.slice(0, -2), ...added, 'b', 'c'];
      dates = dateLessons(outline, dates, later);
    }
    const times = outline.map((id) => dates.get(id)?.getTime() ?? Number.NaN);
    expect(times).toEqual([...times].sort((one, other) => one - other));
  });

  it.each([1, 2, 3, 4])('has room for %d publications at the end within one minute', (publications) => {
    let dates = known;
    const outline = ['a', 'b', 'c'];
    for (let publication = 0; publication < publications; publication += 1) {
      outline.push(`${publication}`);
      dates = dateLessons(outline, dates, at('09:30:40'));
    }
    const times = outline.map((id) => dates.get(id)?.getTime() ?? Number.NaN);
    expect(times).toEqual([...times].sort((one, other) => one - other));
    expect(times.at(-1)).toBeLessThanOrEqual(at('09:30:40').getTime());
  });

  it.each([1, 2, 3])('has room for %d publications before one another', (publications) => {
    let dates = known;
    let outline = ['a', 'b', 'c'];
    for (let publication = 0; publication < publications; publication += 1) {
      outline = ['a', `${publication}`, ...outline.slice(1)];
      dates = dateLessons(outline, dates, later);
    }
    const times = outline.map((id) => dates.get(id)?.getTime() ?? Number.NaN);
    expect(times).toEqual([...times].sort((one, other) => one - other));
  });
});

describe('without a free minute in its place', () => {
  it('a lesson gets the last free minute before the next lesson', () => {
    const crowded = new Map([
      ['a', at('09:00:00')],
      ['b', at('09:01:00')],
      ['c', at('09:02:00')],
    ]);
    expect(datesOf(['a', 'b', 'new', 'c'], crowded, at('12:00:00'))[2]).toBe('2026-11-02T08:59');
  });

  it('a lesson that is added at the end gets the last free minute', () => {
    const crowded = new Map([
      ['a', at('09:29:00')],
      ['b', at('09:30:00')],
    ]);
    expect(datesOf(['a', 'b', 'c'], crowded, at('09:30:30'))[2]).toBe('2026-11-02T09:28');
  });
});

describe('whatever becomes of an outline, by whatever clock,', () => {
  const outline = fc.uniqueArray(fc.constantFrom(...'abcdefghijkl'), { minLength: 1 });
  const now = fc.integer({ min: 0, max: 400 * MINUTE }).map((time) => new Date(time));
  const publications = fc.array(fc.record({ outline, now }), { maxLength: 6 });

  /** Calls a check with each publication: the dates before and after it. */
  const eachPublication = (check: (known: LessonDates, dates: LessonDates, outline: string[], now: Date) => void) =>
    fc.assert(
      fc.property(publications, (all) => {
        let known = NONE;
        for (const publication of all) {
          const dates = dateLessons(publication.outline, known, publication.now);
          check(known, dates, publication.outline, publication.now);
          known = dates;
        }
      }),
    );

  it('all of its lessons have dates, and no date ever changes', () => {
    eachPublication((known, dates, ids) => {
      expect(dates).toEqual(new Map([...dates, ...known]));
      expect(new Set(dates.keys())).toEqual(new Set([...known.keys(), ...ids]));
    });
  });

  it('all dates are at least a minute apart, also those of removed lessons', () => {
    eachPublication((_, dates) => {
      const times = [...dates.values()].map((date) => date.getTime()).sort((one, other) => one - other);
      expect(times.filter((time, index) => time - (times[index - 1] ?? Number.NEGATIVE_INFINITY) < MINUTE)).toEqual([]);
    });
  });

  it('no new date is in the future', () => {
    eachPublication((known, dates, _, at) => {
      expect([...dates].filter(([id, date]) => !known.has(id) && date > at)).toEqual([]);
    });
  });

  it('new dates are in the order of the outline where there is room', () => {
    eachPublication((known, dates, ids, at) => {
      const timeOf = (id: string) => dates.get(id)?.getTime() ?? Number.NaN;
      for (const [start, id] of ids.entries()) {
        const previous = ids[start - 1];
        // Only where new lessons begin.
        if (known.has(id) || (previous !== undefined && !known.has(previous))) continue;
        const next = ids.slice(start).find((other) => known.has(other));
        const added = ids.slice(start, next === undefined ? undefined : ids.indexOf(next));
        const from = previous === undefined ? Number.NEGATIVE_INFINITY : timeOf(previous);
        const to = Math.min(next === undefined ? Number.POSITIVE_INFINITY : timeOf(next), at.getTime() + 1);
        const isWithin = (time: number) => from < time && time < to;

        const others = [...dates].filter(([other, date]) => !added.includes(other) && isWithin(date.getTime()));
        const room = Math.ceil((to - from) / MINUTE) - 1 - others.length;
        if (room < added.length) continue;
        const times = added.map(timeOf);
        expect(times.filter((time) => !isWithin(time))).toEqual([]);
        expect(times).toEqual([...times].sort((one, other) => one - other));
      }
    });
  });
});
