import fc from 'fast-check';
import { courseRecordOf } from '../../../functions/progress/events/course-record.ts';
import { effectOf } from '../../../functions/progress/events/effect.ts';
import { EMPTY, merge } from '../../../functions/progress/events/merge.ts';
import { eventId } from '../../support/builders/progress.ts';

/** Many histories in CI; fewer on a developer's machine, where the tests run often. */
const RUNS = { numRuns: process.env['CI'] ? 10_000 : 1000 };
const LESSON = { id: 'one', title: 'One', kind: 'audio', durationSeconds: 100 } as const;
const RECEIVED = new Date('2026-11-02T09:30:00.000Z');

const PLACE = {
  userId: 'ada',
  courseId: 'sound',
  outline: { revision: 1, lessons: [LESSON] },
  receivedAt: RECEIVED,
};

/** Few times and positions, so that events often tie. Each event has its own id. */
const facts = fc.record({
  ageSeconds: fc.nat(8),
  position: fc.option(fc.constantFrom(0, 0.1, 10, 50, 94.9, 95, 100, 105), { nil: undefined }),
  completed: fc.option(fc.boolean(), { nil: undefined }),
  playedSeconds: fc.constantFrom(undefined, 0, 0.0001, 0.5, 60),
});
const history = fc.array(facts, { maxLength: 12 }).chain((events) =>
  fc
    .shuffledSubarray(
      events.map((_, index) => index),
      { minLength: events.length },
    )
    .map((numbers) =>
      events.map(({ ageSeconds, position, completed, playedSeconds }, index) => ({
        eventId: eventId(numbers[index] ?? 0),
        lessonId: 'one',
        at: new Date(RECEIVED.getTime() - ageSeconds * 1000),
        occurredAt: new Date(RECEIVED.getTime() - ageSeconds * 1000).toISOString(),
        ...(position !== undefined && { position }),
        ...(completed !== undefined && { completed }),
        ...(playedSeconds !== undefined && { playedSeconds }),
      })),
    ),
);

type Event = (typeof history extends fc.Arbitrary<infer Events> ? Events : never)[number];

const effect = (event: Event) => effectOf(event, event.at, LESSON);
const stateOf = (events: readonly Event[]) => events.map(effect).reduce(merge, EMPTY);
const state = history.map(stateOf);

describe('merging two states of a lesson', () => {
  it('is commutative', () => {
    fc.assert(
      fc.property(state, state, (a, b) => expect(merge(a, b)).toEqual(merge(b, a))),
      RUNS,
    );
  });

  it('is associative', () => {
    fc.assert(
      fc.property(state, state, state, (a, b, c) => expect(merge(merge(a, b), c)).toEqual(merge(a, merge(b, c)))),
      RUNS,
    );
  });

  it('is idempotent', () => {
    fc.assert(
      fc.property(state, state, (a, b) => expect(merge(merge(a, b), b)).toEqual(merge(a, b))),
      RUNS,
    );
  });

  it('converges for any order, repetition and division into devices and batches', () => {
    const divided = history.chain((events) =>
      fc.record({
        events: fc.constant(events),
        // Each event at least once, some again, in any order, cut anywhere.
        sent: fc
          .tuple(fc.shuffledSubarray(events, { minLength: events.length }), fc.subarray(events), fc.subarray(events))
          .chain(([all, again, oncemore]) => {
            const sequence = [...again, ...all, ...oncemore];
            return fc.shuffledSubarray(sequence, { minLength: sequence.length });
          }),
        cuts: fc.array(fc.nat(36), { maxLength: 6 }),
      }),
    );
    fc.assert(
      fc.property(divided, ({ events, sent, cuts }) => {
        const bounds = [0, ...cuts.sort((a, b) => a - b), sent.length];
        const batches = bounds.slice(1).map((end, index) => sent.slice(bounds[index], end));
        // Each batch is folded separately, like a batch from a device.
        const folded = batches.map(
          (batch) =>
            courseRecordOf(
              PLACE,
              batch.map((event) => ({ ...event, effect: effect(event) })),
            ).lessons.get('one') ?? EMPTY,
        );
        expect(folded.reduce(merge, EMPTY)).toEqual(stateOf(events));
      }),
      RUNS,
    );
  });

  it('never reduces the furthest position, nor moves the first completion later', () => {
    fc.assert(
      fc.property(state, history, (before, events) => {
        const after = events.map(effect).reduce(merge, before);
        expect(after.furthest?.value ?? 0).toBeGreaterThanOrEqual(before.furthest?.value ?? 0);
        if (before.firstCompletion !== null) {
          expect(after.firstCompletion?.at.getTime()).toBeLessThanOrEqual(before.firstCompletion.at.getTime());
        }
      }),
      RUNS,
    );
  });

  it('undoes completion only for an explicit event', () => {
    fc.assert(
      fc.property(state, history, (before, events) => {
        const silent = events.filter(({ completed }) => completed !== false);
        const after = silent.map(effect).reduce(merge, before);
        if (before.completion?.completed) expect(after.completion?.completed).toBe(true);
      }),
      RUNS,
    );
  });

  it('lets a position near zero change only the position', () => {
    fc.assert(
      fc.property(state, fc.constantFrom(0, 0.01, 1), (before, position) => {
        const event = { eventId: eventId(1000), position };
        const { position: _, ...after } = merge(before, effectOf(event, RECEIVED, LESSON));
        const { position: __, furthest, unmeasured: ___, ...rest } = before;
        expect(after).toMatchObject(rest);
        if (furthest !== null && furthest.value > position) expect(after.furthest).toEqual(furthest);
      }),
      RUNS,
    );
  });

  it('lets a position that nothing was played at change only the position', () => {
    fc.assert(
      fc.property(state, fc.constantFrom(0, 50, 95, 105), (before, position) => {
        const event = { eventId: eventId(1000), position, playedSeconds: 0 };
        const { position: _, ...after } = merge(before, effectOf(event, RECEIVED, LESSON));
        const { position: __, ...rest } = before;
        expect(after).toEqual(rest);
      }),
      RUNS,
    );
  });

  it('never completes by itself what was played to its end, but notes the first and the newest event', () => {
    const of = (number: number, seconds: number) =>
      effectOf({ eventId: eventId(number), position: 95, playedSeconds: 1 }, new Date(seconds * 1000), LESSON);
    const merged = [of(1, 20), of(2, 10), of(3, 30)].reduce(merge, EMPTY);
    expect(merged).toMatchObject({ completion: null, firstCompletion: null, furthest: { value: 95 }, unmeasured: 0 });
    expect([merged.reached?.by, merged.firstReached?.by]).toEqual([eventId(3), eventId(2)]);
  });

  it('keeps the newest position, and of two at the same time the one with the greater id', () => {
    const of = (number: number, seconds: number, position: number) =>
      effectOf({ eventId: eventId(number), position }, new Date(seconds * 1000), LESSON);
    expect(merge(of(1, 20, 10), of(2, 10, 50)).position?.value).toBe(10);
    expect(merge(of(1, 10, 10), of(2, 10, 5)).position?.value).toBe(5);
  });
});
