import { keepRunning } from '../../../local/mongo/keep-running.ts';

const SIGKILLED = 128 + 9;

/** A server whose end the test decides. */
function fakeServer() {
  let end: (exitCode: number) => void = () => undefined;
  const exited = new Promise<number>((resolve) => {
    end = resolve;
  });
  const stop = jest.fn(async () => end(0));
  return { uri: 'mongodb://127.0.0.1:27100', port: 27_100, exited, stop, end: (exitCode: number) => end(exitCode) };
}

/** Keeps a server running whose every restart comes from the test. Time passes only by `advance`. */
function keepFake(restart: () => Promise<ReturnType<typeof fakeServer>>) {
  const first = fakeServer();
  const reported: string[] = [];
  const pauses: number[] = [];
  let seconds = 0;
  const stop = keepRunning(first, {
    restart,
    report: (message) => reported.push(message),
    logPath: '/data/mongod.log',
    now: () => seconds * 1000,
    pause: async (pause) => {
      pauses.push(pause);
      seconds += pause;
    },
  });
  return { first, reported, pauses, stop, advance: (by: number) => (seconds += by) };
}

/** Lets everything happen that waits for nothing but promises. */
const settle = () => new Promise((resolve) => setImmediate(resolve));

describe('a server that is kept running', () => {
  it('is started again when it is killed, which is said in two lines', async () => {
    const second = fakeServer();
    const { first, reported, stop } = keepFake(async () => second);
    first.end(SIGKILLED);
    await settle();
    expect(reported).toEqual(['The database stopped (SIGKILL). Starting it again …', 'The database runs again.']);
    await stop();
    expect(second.stop).toHaveBeenCalled();
    expect(reported).toHaveLength(2);
  });

  it('is not started again when it is stopped', async () => {
    const restart = jest.fn(async () => fakeServer());
    const { first, reported, stop } = keepFake(restart);
    await stop();
    expect(first.stop).toHaveBeenCalled();
    expect(restart).not.toHaveBeenCalled();
    expect(reported).toEqual([]);
  });

  it('is given up after it ended ten times in a row, with longer pauses between and then with what to do', async () => {
    const { first, reported, pauses, stop } = keepFake(async () => {
      const server = fakeServer();
      server.end(14);
      return server;
    });
    first.end(SIGKILLED);
    await settle();
    expect(pauses).toEqual([0, 1, 2, 5, 10, 10, 10, 10, 10]);
    expect(reported).toContain('The database stopped (exit code 14). Starting it again in 10 s …');
    expect(reported.slice(-2)).toEqual([
      'The database stopped 10 times in a row (exit code 14) and is not started again.',
      'Look into its log, /data/mongod.log, and at the free memory and disk space. Then restart Lectern.',
    ]);
    await stop();
  });

  it('is given up if it cannot be started, however long each attempt takes, with the reason', async () => {
    const { first, reported, stop, advance } = keepFake(async () => {
      advance(100);
      throw new Error('mongod did not start: it exited with code 48\nmore about it');
    });
    first.end(SIGKILLED);
    await settle();
    expect(reported.at(-2)).toBe(
      'The database stopped 10 times in a row (mongod did not start: it exited with code 48) and is not started again.',
    );
    await stop();
  });

  it('gets all its restarts again once it ran for 15 seconds, not counting how long it took to start', async () => {
    const servers = Array.from({ length: 20 }, fakeServer);
    let next = 0;
    const { first, pauses, stop, advance } = keepFake(async () => {
      advance(100);
      return servers[next++] ?? fakeServer();
    });
    first.end(SIGKILLED);
    await settle();
    for (const server of servers.slice(0, 10)) {
      advance(15);
      server.end(SIGKILLED);
      await settle();
    }
    expect(pauses).toEqual(Array(11).fill(0));

    advance(14);
    servers[10]?.end(SIGKILLED);
    await settle();
    expect(pauses.at(-1)).toBe(1);
    await stop();
  });

  it('stops a server that was being started when it was to stop', async () => {
    const late = fakeServer();
    let started: () => void = () => undefined;
    const { first, stop } = keepFake(async () => {
      await new Promise<void>((resolve) => {
        started = resolve;
      });
      return late;
    });
    first.end(SIGKILLED);
    await settle();
    const stopped = stop();
    started();
    await stopped;
    expect(late.stop).toHaveBeenCalled();
  });
});
