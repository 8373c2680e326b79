/** The clock that functions read, moved by hand. Timers and the database keep their own. */
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

/** Stops the clock at the start of each test of a file. Call it once, at the top of the file. */
export function useClock(): TestClock {
  beforeEach(() => {
    jest.useFakeTimers({ doNotFake: ALL_BUT_DATE });
  });
  afterEach(() => {
    jest.useRealTimers();
  });
  return { advance: (seconds) => jest.setSystemTime(Date.now() + seconds * 1000) };
}
