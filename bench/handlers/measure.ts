import path from 'node:path';
import { type Machine, thisMachine } from '../measuring/machine.ts';
import { deployedNode } from '../measuring/node-binary.ts';
import { median, type Summary, summarize } from '../measuring/statistics.ts';
import { assertSameWork, collectAnswers } from './agreement.ts';
import { type HandlerProcess, startHandler } from './handler-process.ts';
import type { PeerName } from './peers.ts';
import { type BuiltHandler, buildHandler, buildRunner } from './programs.ts';
import { type BenchRequests, type BenchRoute, makeRequests } from './requests.ts';

/** What was measured of one handler. */
export interface HandlerFigures {
  readonly name: PeerName;
  /** Microseconds an operation. */
  readonly microseconds: Readonly<Record<BenchRoute, Summary>>;
  /** Microseconds more than the bare handler took in the same round: what disturbs a whole round cancels out. */
  readonly overBare: Readonly<Record<BenchRoute, Summary>>;
  readonly importMilliseconds: Summary;
  readonly kilobytes: number;
  readonly peakMegabytes: number;
}

export interface HandlersResult {
  readonly machine: Machine;
  readonly effort: Effort;
  readonly handlers: readonly HandlerFigures[];
}

/** How much is measured. */
export interface Effort {
  /** Times that all processes are started anew: the compiler of V8 does not decide alike each time. */
  readonly starts: number;
  /** Rounds of each start; in a round each handler has its turn. */
  readonly rounds: number;
  /** Of each turn. */
  readonly milliseconds: number;
}

/** Fresh processes that do nothing but import, for each start. */
const IMPORTS_PER_START = 3;

const ROUTES = ['token', 'open'] as const;

/** Long enough that V8 has compiled what is hot: the first rounds of a start are no slower than the last. */
const WARM_UP_MILLISECONDS = 400;

/**
 * Measures handlers side by side, each in a process of its own, one at a time and in turns, so that a disturbance of
 * the machine meets all of them alike.
 * @throws Error when one of them does other work than the bare handler.
 */
export async function measureHandlers(
  names: readonly PeerName[],
  effort: Effort,
  report: (line: string) => void,
): Promise<HandlersResult> {
  const node = deployedNode();
  const runner = await buildRunner(path.join(import.meta.dirname, 'measured-process.ts'));
  const built = new Map<PeerName, BuiltHandler>();
  for (const name of names) built.set(name, await buildHandler(name));
  const samples = new Map(names.map((name) => [name, new Samples()]));

  for (let start = 1; start <= effort.starts; start += 1) {
    report(`handlers: start ${start} of ${effort.starts}`);
    // Signed anew, since an access token is good for 15 minutes.
    const requests = makeRequests();
    const program = { node, runner, environment: requests.environment };
    const running = new Map<PeerName, HandlerProcess>();
    try {
      for (let time = 0; time < IMPORTS_PER_START; time += 1) {
        for (const [name, { url }] of built) {
          const handler = await startHandler({ ...program, bundle: url });
          samples.get(name)?.importMilliseconds.push(handler.importMilliseconds);
          await handler.stop();
        }
      }
      for (const [name, { url }] of built) running.set(name, await startHandler({ ...program, bundle: url }));
      await assertAllAgree(running, requests, start === 1 ? report : () => undefined);
      await measureRunning(running, requests, effort, samples);
    } finally {
      for (const handler of running.values()) await handler.stop();
    }
  }

  return {
    machine: thisMachine(node.version),
    effort,
    handlers: names.map((name) => figuresOf(name, samples, built.get(name)?.kilobytes ?? 0)),
  };
}

async function assertAllAgree(
  running: ReadonlyMap<PeerName, HandlerProcess>,
  requests: BenchRequests,
  report: (line: string) => void,
): Promise<void> {
  const [[first, reference] = []] = running;
  if (first === undefined || reference === undefined) return;
  const expected = await collectAnswers(reference, requests);
  for (const [name, handler] of running) {
    assertSameWork(name, await collectAnswers(handler, requests), expected, requests);
  }
  const { token, open } = requests.routes;
  const wrong = Object.keys(requests.wrong).length;
  report(`handlers: ${running.size} answer alike to ${token.length + open.length} requests, and refuse ${wrong}`);
}

async function measureRunning(
  running: ReadonlyMap<PeerName, HandlerProcess>,
  { routes }: BenchRequests,
  { rounds, milliseconds }: Effort,
  samples: ReadonlyMap<PeerName, Samples>,
): Promise<void> {
  for (const handler of running.values()) {
    for (const route of ROUTES) await handler.run(routes[route], WARM_UP_MILLISECONDS);
  }
  for (let round = 0; round < rounds; round += 1) {
    for (const [name, handler] of inTurn([...running], round)) {
      for (const route of ROUTES) {
        const { microseconds } = await handler.run(routes[route], milliseconds);
        samples.get(name)?.microseconds[route].push(microseconds);
      }
    }
  }
  for (const [name, handler] of running) {
    samples.get(name)?.peakMegabytes.push(await handler.peakMegabytes());
  }
}

/** Each round starts with another one, so that none is always next to the same. */
function inTurn<Item>(items: readonly Item[], round: number): readonly Item[] {
  const first = round % items.length;
  return [...items.slice(first), ...items.slice(0, first)];
}

class Samples {
  readonly microseconds: Readonly<Record<BenchRoute, number[]>> = { token: [], open: [] };
  readonly importMilliseconds: number[] = [];
  readonly peakMegabytes: number[] = [];
}

function figuresOf(name: PeerName, samples: ReadonlyMap<PeerName, Samples>, kilobytes: number): HandlerFigures {
  const own = samples.get(name) ?? new Samples();
  const bare = samples.get('bare') ?? new Samples();
  const overBare = (route: BenchRoute) =>
    summarize(own.microseconds[route].map((value, round) => value - (bare.microseconds[route][round] ?? Number.NaN)));
  return {
    name,
    microseconds: { token: summarize(own.microseconds.token), open: summarize(own.microseconds.open) },
    overBare: { token: overBare('token'), open: overBare('open') },
    importMilliseconds: summarize(own.importMilliseconds),
    kilobytes,
    peakMegabytes: median(own.peakMegabytes),
  };
}
