/** The clock that functions read, moved by hand; timers and the database keep their own. */
export interface TestClock {
  advance(seconds: number): void;
}

const ALL_BUT_DATE: FakeableAPI[] = [
  'hrtime',
  'nextTick',
  'performance',
  'queueMicrotask',
  'requestAnimationFrame',
  'cancelAnimationFrame',
  'requestIdleCallback',
  'cancelIdleCallback',
  'setImmediate',
  'clearImmediate',
  'setInterval',
  'clearInterval',
  'setTimeout',
  'clearTimeout',
];

/** Stops the clock for each test of a file at the time it starts. Called once, at the top of the file. */
export function useClock(): TestClock {
  beforeEach(() => {
    jest.useFakeTimers({ doNotFake: ALL_BUT_DATE });
  });
  afterEach(() => {
    jest.useRealTimers();
  });
  return { advance: (seconds) => jest.setSystemTime(Date.now() + seconds * 1000) };
}
