import fc from 'fast-check';
import { createListeners } from '../../../client/src/playing/listeners.ts';
import { measure } from '../../../client/src/playing/measure.ts';
import { createMeter, type MeterOptions, type ProgressRecorder } from '../../../client/src/playing/meter.ts';
import { FakeMedia } from '../../support/player/fake-media.ts';

/* What is recorded while a lesson plays. tests/e2e/playback.test.ts records it in a browser. */

interface Fact {
  readonly position: number;
  readonly playedSeconds: number;
}

class Recorder implements Pick<ProgressRecorder, 'record'> {
  readonly facts: Fact[] = [];

  async record({ position, playedSeconds }: Fact): Promise<void> {
    this.facts.push({ position, playedSeconds });
  }
}

/** A meter whose time moves by hand, as for a player without a media element. */
function openMeter(options: Partial<MeterOptions> = {}) {
  const recorder = new Recorder();
  const clock = { seconds: 0 };
  const meter = createMeter({
    ...{ queue: recorder, courseId: 'sound', lessonId: 'clap', monotonic: () => clock.seconds * 1000 },
    ...options,
  });
  /** The player tells its position each second. */
  const playOn = (from: number, seconds: number, rate = 1) => {
    for (let second = 1; second <= seconds; second += 1) {
      clock.seconds += 1;
      meter.progress(from + second * rate, true, rate);
    }
  };
  return { meter, clock, facts: recorder.facts, playOn };
}

describe('a meter', () => {
  it('records every 15 s, on pause, and on leaving', () => {
    const { meter, clock, facts, playOn } = openMeter();
    meter.progress(0, true);
    playOn(0, 20);
    expect(facts).toEqual([{ position: 15, playedSeconds: 15 }]);
    clock.seconds += 0.5;
    meter.progress(20.5, false);
    meter.progress(20.5, true);
    playOn(20.5, 2);
    meter.leave();
    meter.leave();
    expect(facts.slice(1)).toEqual([
      { position: 20.5, playedSeconds: 5.5 },
      { position: 22.5, playedSeconds: 2 },
    ]);
  });

  it('records every 15 s at any speed, in seconds of the recording', () => {
    const { meter, facts, playOn } = openMeter();
    meter.progress(0, true, 2);
    playOn(0, 30, 2);
    expect(facts).toEqual([
      { position: 30, playedSeconds: 30 },
      { position: 60, playedSeconds: 30 },
    ]);
  });

  it('records the position before a seek with the time until then, and the new one with 0', () => {
    const { meter, facts, playOn } = openMeter();
    meter.progress(0, true);
    playOn(0, 3);
    meter.seeked(60);
    playOn(60, 2);
    meter.leave();
    expect(facts).toEqual([
      { position: 3, playedSeconds: 3 },
      { position: 60, playedSeconds: 0 },
      { position: 62, playedSeconds: 2 },
    ]);
  });

  it('records only where the learner lets go of the slider', () => {
    const { meter, facts, playOn } = openMeter();
    meter.progress(0, true);
    playOn(0, 3);
    for (let position = 4; position <= 90; position += 1) meter.seeked(position);
    meter.leave();
    expect(facts).toEqual([
      { position: 3, playedSeconds: 3 },
      { position: 90, playedSeconds: 0 },
    ]);
  });

  it('notices seeks that it is not told of', () => {
    const { meter, clock, facts, playOn } = openMeter();
    meter.progress(0, true);
    playOn(0, 3);
    clock.seconds += 1;
    meter.progress(34, true);
    clock.seconds += 1;
    meter.progress(20, true);
    meter.leave();
    expect(facts).toEqual([
      { position: 3, playedSeconds: 3 },
      { position: 20, playedSeconds: 0 },
    ]);
  });

  it('counts what played while the app in the background told no position', () => {
    const { meter, clock, facts } = openMeter();
    meter.progress(0, true, 1.5);
    clock.seconds += 600;
    meter.progress(900, true, 1.5);
    expect(facts).toEqual([{ position: 900, playedSeconds: 900 }]);
  });

  it('takes the beginning as it comes, since players start a little off', () => {
    const { meter, facts, playOn } = openMeter({ position: 40 });
    meter.progress(39.7, true);
    playOn(39.7, 2);
    meter.leave();
    expect(facts).toEqual([{ position: 41.7, playedSeconds: 2 }]);
  });

  it('records nothing for a learner who only looked', () => {
    const { meter, facts } = openMeter({ position: 40 });
    meter.progress(40, false);
    meter.leave();
    expect(facts).toEqual([]);
  });

  it('reports that the queue could not record', async () => {
    const errors: unknown[] = [];
    const full = new Error('The storage is full');
    const { meter, playOn } = openMeter({
      queue: { record: () => Promise.reject(full) },
      onError: (error) => errors.push(error),
    });
    meter.progress(0, true);
    playOn(0, 15);
    await new Promise((resolve) => setImmediate(resolve));
    expect(errors).toEqual([full]);
  });
});

/** How much of the time before a seek an element may leave untold. */
const TIMEUPDATE_SECONDS = 0.25;

const rate = fc.constantFrom(0.5, 1, 1.25, 2, 4);
const action = fc.oneof(
  fc.record({ kind: fc.constant('play' as const) }),
  fc.record({ kind: fc.constant('pause' as const) }),
  fc.record({ kind: fc.constant('wait' as const), seconds: fc.double({ min: 0, max: 20, noNaN: true }) }),
  fc.record({ kind: fc.constant('background' as const), seconds: fc.double({ min: 0, max: 90, noNaN: true }) }),
  fc.record({ kind: fc.constant('stall' as const), seconds: fc.double({ min: 0, max: 30, noNaN: true }) }),
  fc.record({ kind: fc.constant('rate' as const), rate }),
  fc.record({
    kind: fc.constant('seek' as const),
    to: fc.double({ min: 0, max: 200, noNaN: true }),
    isFast: fc.boolean(),
    isTimeUpdateLate: fc.boolean(),
  }),
);

describe('a measured media element', () => {
  it('records what was truly played, at the right positions, whatever the learner does', () => {
    fc.assert(
      fc.property(fc.array(action, { maxLength: 40 }), (actions) => {
        const recorder = new Recorder();
        const media = new FakeMedia(200);
        const monotonic = () => media.clockSeconds * 1000;
        const meter = createMeter({ queue: recorder, courseId: 'sound', lessonId: 'clap', monotonic });
        const leave = measure(media, meter, createListeners()[0]);
        let missable = 0;
        for (const step of actions) {
          if (step.kind === 'seek') missable += TIMEUPDATE_SECONDS * media.playbackRate;
          media.perform(step);
        }
        leave();

        const recorded = recorder.facts.reduce((sum, { playedSeconds }) => sum + playedSeconds, 0);
        expect(recorded).toBeLessThanOrEqual(media.played() + 0.001);
        expect(recorded).toBeGreaterThanOrEqual(media.played() - missable - 0.001);
        for (const { position, playedSeconds } of recorder.facts) {
          expect(playedSeconds > 0 ? media.hasPlayed(position) : media.hasMovedTo(position)).toBe(true);
        }
        const last = recorder.facts.at(-1);
        if (last !== undefined) expect(last.position).toBeCloseTo(media.currentTime, 2);
      }),
      { numRuns: 1000 },
    );
  });
});
