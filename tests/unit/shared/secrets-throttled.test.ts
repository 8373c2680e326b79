import { EventEmitter } from 'node:events';
import { Readable } from 'node:stream';
import { cached } from '../../../shared/cached.ts';
import { useLogs } from '../../support/jest/logs.ts';
import { seededRandom } from '../../support/progress/seeded-random.ts';

/*
 * Many containers and one Parameter Store that throttles, with the code of the functions. Only the network and the time are not real.
 */

/** Calls per second of an account by default (AWS General Reference, "AWS Systems Manager endpoints and quotas"). */
const RATE = 40;
const DEADLINE_MS = 3000;
const CONTAINERS = 200;

const logs = useLogs();

/** A token bucket, as AWS throttles by. Assumed to hold the calls of one second. */
const bucket = { rate: RATE, tokens: RATE, filledAtMs: 0 };
let calls: number;

function isThrottled(): boolean {
  const nowMs = Date.now();
  const { rate, tokens, filledAtMs } = bucket;
  bucket.tokens = Math.min(rate, tokens + ((nowMs - filledAtMs) / 1000) * rate);
  bucket.filledAtMs = nowMs;
  if (bucket.tokens < 1) return true;
  bucket.tokens -= 1;
  return false;
}

/** The network: a request that is answered after 20 ms. */
jest.mock('node:https', () => ({
  request() {
    const request = new EventEmitter();
    const end = () => {
      calls += 1;
      setTimeout(() => {
        const [statusCode, body] = isThrottled()
          ? [400, { __type: 'ThrottlingException', message: 'Rate exceeded' }]
          : [200, { Parameters: [{ Name: '/lectern/a', Value: 'value a' }], InvalidParameters: [] }];
        request.emit('response', Object.assign(Readable.from([JSON.stringify(body)]), { statusCode, headers: {} }));
      }, 20);
    };
    return Object.assign(request, { end });
  },
}));

// Each container has its own modules, but for this one, which takes long to load and keeps nothing.
const mockParameters = jest.requireActual('@aws-lambda-powertools/parameters/ssm');
jest.mock('@aws-lambda-powertools/parameters/ssm', () => mockParameters);

type Secrets = typeof import('../../../shared/secrets.ts');

/** Containers that have just started, each with its own values. */
async function startContainers(count: number): Promise<readonly Secrets[]> {
  const containers: Secrets[] = [];
  for (let number = 0; number < count; number += 1) {
    jest.resetModules();
    containers.push(await import('../../../shared/secrets.ts'));
  }
  return containers;
}

type Outcome = { readonly value: string; readonly atMs: number } | { readonly code: string; readonly atMs: number };

/** Reads a secret in each container, and lets the time pass until every one has answered. */
async function readAll(
  containers: readonly Secrets[],
  read = (secrets: Secrets) => secrets.secret('A'),
): Promise<readonly Outcome[]> {
  const startMs = Date.now();
  const outcomes = containers.map(async (secrets): Promise<Outcome> => {
    try {
      return { value: await read(secrets), atMs: Date.now() - startMs };
    } catch (error) {
      return { code: (error as { readonly code: string }).code, atMs: Date.now() - startMs };
    }
  });
  await jest.advanceTimersByTimeAsync(DEADLINE_MS);
  return Promise.all(outcomes);
}

const valuesIn = (outcomes: readonly Outcome[]) => outcomes.filter((outcome) => 'value' in outcome);

beforeAll(async () => {
  Object.assign(process.env, {
    AWS_REGION: 'eu-west-1',
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    A_PARAMETER: '/lectern/a',
  });
  // What is loaded with the first call is loaded in real time.
  for (const container of await startContainers(1)) await container.secret('A');
});
beforeEach(() => {
  jest.useFakeTimers();
  // The jitter of the retries.
  jest.spyOn(Math, 'random').mockImplementation(seededRandom(1).next);
  Object.assign(bucket, { rate: RATE, tokens: RATE, filledAtMs: Date.now() });
  calls = 0;
});
afterEach(() => {
  jest.useRealTimers();
});

describe('Parameter Store with 40 calls per second, and 200 containers that start at the same moment', () => {
  it('lets almost as many start within the deadline as it can answer, and the others on their next request', async () => {
    const containers = await startContainers(CONTAINERS);

    const first = await readAll(containers);
    const started = valuesIn(first);
    // The bucket, and what it gains until the deadline.
    expect(started.length).toBeLessThanOrEqual(RATE + (DEADLINE_MS / 1000) * RATE);
    expect(started.length).toBeGreaterThan(145);
    expect(calls).toBeLessThan(3 * CONTAINERS);
    const others = containers.filter((_, index) => !started.some((outcome) => outcome === first[index]));
    expect(first.filter((outcome) => 'code' in outcome).map(({ code }) => code)).toEqual(
      others.map(() => 'unavailable'),
    );

    // As clients do: after `Retry-After`.
    await jest.advanceTimersByTimeAsync(2000);
    expect(valuesIn(await readAll(others))).toHaveLength(others.length);
  });

  it('answers all of them within the deadline at the rate that higher throughput allows', async () => {
    Object.assign(bucket, { rate: 1000, tokens: 1000 });
    const containers = await startContainers(CONTAINERS);
    expect(valuesIn(await readAll(containers))).toHaveLength(CONTAINERS);
  });
});

describe('a container that has its values', () => {
  it('keeps them while each further read is throttled', async () => {
    const [container] = (await startContainers(1)) as [Secrets];
    const current = cached(60_000, {
      read: () => container.recentSecret('A'),
      readAgain: () => container.freshSecret('A'),
    });
    await readAll([container], current);

    for (let minute = 0; minute < 5; minute += 1) {
      await jest.advanceTimersByTimeAsync(60_000);
      Object.assign(bucket, { rate: 0, tokens: 0 });
      for (const read of [current, () => container.secret('A'), () => container.recentSecret('A')]) {
        expect(await readAll([container], read)).toMatchObject([{ value: 'value a' }]);
      }
    }
    expect(logs.lines()[0]).toMatchObject({ message: 'Setting not read again', level: 'ERROR' });
  });
});
