import { startMongo } from '../../local/mongo/server.ts';
import { closeDatabase, query } from '../../shared/db/client.ts';
import { COLLECTIONS, collection } from '../../shared/db/collections.ts';

import { type Machine, thisMachine } from '../measuring/machine.ts';
import { median } from '../measuring/statistics.ts';
import { type Gate, openGate } from './gate.ts';

/** What one container went through in one outage. All times are in milliseconds. */
export interface Outage {
  readonly seconds: number;
  /** Whether the container had reached the database before the outage. */
  readonly container: 'running' | 'new';
  /** How long the first failed request took, and the others. Null if none failed. */
  readonly firstFailureMs: number | null;
  readonly laterFailuresMs: number | null;
  /** From the end of the outage until each of the concurrent requests has succeeded. Null if they never did. */
  readonly recoveryMs: number | null;
}

export interface OutagesResult {
  readonly machine: Machine;
  readonly server: string;
  readonly concurrency: number;
  readonly outages: readonly Outage[];
}

const CONCURRENCY = 5;

/** When a container that has not recovered counts as lost. */
const GIVEN_UP_MS = 20_000;

/** Refuses all connections to the database for some time while requests go on, each sent when the last was answered. */
export async function measureOutages(
  seconds: readonly number[],
  report: (line: string) => void,
): Promise<OutagesResult> {
  const { MONGODB_URI: _, ...env } = process.env;
  const mongo = await startMongo({ env, report });
  const gate = await openGate(Number(new URL(mongo.uri).port));
  process.env['MONGODB_URI'] = `mongodb://127.0.0.1:${gate.port}/bench?directConnection=true`;
  try {
    const outages: Outage[] = [];
    for (const duration of seconds) {
      for (const container of ['running', 'new'] as const) {
        report(`outages: ${duration} s, ${container} container`);
        outages.push(await measureOutage(gate, duration, container));
      }
    }
    return { machine: thisMachine(process.version), server: mongo.source, concurrency: CONCURRENCY, outages };
  } finally {
    await closeDatabase();
    await gate.shut();
    await mongo.stop();
  }
}

async function measureOutage(gate: Gate, seconds: number, container: Outage['container']): Promise<Outage> {
  await closeDatabase();
  if (container === 'running') await read();
  await gate.shut();

  const failuresMs: number[] = [];
  let backAt = Number.POSITIVE_INFINITY;
  const recoveriesMs = Array.from({ length: CONCURRENCY }, () =>
    untilSuccess(failuresMs, () => performance.now() - backAt),
  );
  await new Promise((over) => setTimeout(over, seconds * 1000));
  await gate.open();
  backAt = performance.now();
  const recovered = await Promise.all(recoveriesMs);

  const [first = null, ...later] = failuresMs;
  return {
    seconds,
    container,
    firstFailureMs: first,
    laterFailuresMs: later.length === 0 ? null : median(later),
    recoveryMs: recovered.includes(null) ? null : Math.max(...recovered.map(Number)),
  };
}

/** Repeats a request until it succeeds after the outage, and returns how long after. Null if it does not in time. */
async function untilSuccess(failuresMs: number[], sinceBackMs: () => number): Promise<number | null> {
  while (sinceBackMs() < GIVEN_UP_MS) {
    const startedAt = performance.now();
    if (await succeeds()) {
      if (sinceBackMs() >= 0) return sinceBackMs();
    } else failuresMs.push(performance.now() - startedAt);
    // Lets timers and sockets have their turn if a request fails at once.
    await new Promise(setImmediate);
  }
  return null;
}

function succeeds(): Promise<boolean> {
  return read().then(
    () => true,
    () => false,
  );
}

function read(): Promise<unknown> {
  return query((db) => collection(db, COLLECTIONS.courses).findOne({ _id: 'course' }));
}
