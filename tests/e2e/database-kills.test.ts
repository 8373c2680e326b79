import { randomUUID } from 'node:crypto';
import { seededRandom } from '../support/progress/seeded-random.ts';
import { type HttpAnswer, type HttpLearner, registerLearner, send } from '../support/system/client.ts';
import { useDatabaseBehindLine } from '../support/system/own-database.ts';
import { useSystemOn } from '../support/system/system.ts';

/* Kills mongod under load, again and again, while requests go on. LECTERN_KILL_ROUNDS=50 does it for longer. */

const ROUNDS = Number(process.env['LECTERN_KILL_ROUNDS'] ?? 2);
const COURSE = 'writing-that-teaches';
const LESSON = 'one-lesson-one-promise';
const STEP = 1 / 1_000_000;

const logged: unknown[] = [];
const { system, database } = useSystemOn(useDatabaseBehindLine, { log: (entry) => logged.push(entry) });
const learners = () => database.query(async (client) => client.db('lectern').collection('users').distinct('_id'));

/** Sends requests of one kind, one after the other, and remembers what was acknowledged. */
interface Load {
  readonly name: string;
  /** Sends the next request, or repeats the one that failed. */
  next(): Promise<HttpAnswer>;
  /** Takes note of a success. */
  acknowledge(answer: HttpAnswer): void;
  /** Tells what has been acknowledged but is not stored. */
  missing(): Promise<readonly unknown[]>;
}

function registrations(apiUrl: string): Load {
  const acknowledged = new Set<string>();
  return {
    name: 'registrations',
    next: () =>
      send(apiUrl, 'POST', '/auth/register', {
        body: { email: `${randomUUID()}@example.com`, password: 'seven swans a-swimming', name: 'Ada' },
      }),
    acknowledge: ({ body }) => acknowledged.add(body.user.id),
    async missing() {
      const stored = new Set<unknown>(await learners());
      return [...acknowledged].filter((id) => !stored.has(id));
    },
  };
}

function signIns(apiUrl: string, { email, password }: HttpLearner): Load {
  let token: string | undefined;
  return {
    name: 'sign-ins',
    next: () => send(apiUrl, 'POST', '/auth/login', { body: { email, password } }),
    acknowledge({ body }) {
      token = body.tokens.accessToken;
    },
    async missing() {
      const seen = await send(apiUrl, 'GET', '/auth/me', { accessToken: token });
      return seen.status === 200 ? [] : [seen];
    },
  };
}

/** A session whose refresh tokens follow each other, as on a phone. A lost token would end it. */
function refreshes(apiUrl: string, learner: HttpLearner): Load {
  let { refreshToken, accessToken } = learner;
  return {
    name: 'refreshes',
    next: () => send(apiUrl, 'POST', '/auth/refresh', { body: { refreshToken } }),
    acknowledge({ body }) {
      ({ refreshToken, accessToken } = body.tokens);
    },
    async missing() {
      const seen = await send(apiUrl, 'GET', '/auth/me', { accessToken });
      return seen.status === 200 ? [] : [seen];
    },
  };
}

function events(learner: HttpLearner): Load {
  let tried = 0;
  let acknowledged = 0;
  return {
    name: 'events',
    next() {
      tried += 1;
      const event = { eventId: randomUUID(), occurredAt: new Date().toISOString(), position: tried * STEP };
      return learner.request('PUT', `/progress/${COURSE}/lessons/${LESSON}`, event);
    },
    acknowledge() {
      acknowledged = tried;
    },
    async missing() {
      const { body } = await learner.request('GET', `/progress/${COURSE}`);
      const kept = Math.round(body.lessons[0].furthest / STEP);
      return kept >= acknowledged ? [] : [{ kept, acknowledged }];
    },
  };
}

/** Runs a load until `isOver`. Counts successes, and collects answers that are neither a success nor `unavailable`. */
async function run(load: Load, isOver: () => boolean, onSuccess: () => void, unexpected: unknown[]): Promise<void> {
  while (!isOver()) {
    const answer = await load.next();
    if (answer.status < 300) {
      load.acknowledge(answer);
      onSuccess();
    } else if (answer.status !== 503 || answer.body.code !== 'unavailable') {
      const log = logged.filter((entry) => JSON.stringify(entry).includes(answer.body.requestId));
      unexpected.push({ load: load.name, answer, log });
    }
  }
}

/** Resolves after a number of successes. */
function countdown(): { reset(goal: number): Promise<void>; count(): void } {
  let left = 0;
  let reached: () => void = () => undefined;
  return {
    reset: (goal) =>
      new Promise((resolve) => {
        left = goal;
        reached = resolve;
      }),
    count() {
      left -= 1;
      if (left === 0) reached();
    },
  };
}

it('loses no acknowledged account, session or event to a killed mongod, and answers success or unavailable', async () => {
  const { apiUrl } = system();
  const random = seededRandom(Date.now());
  const newLearner = () => registerLearner(apiUrl, `${randomUUID()}@example.com`);
  const loads = [
    registrations(apiUrl),
    signIns(apiUrl, await newLearner()),
    refreshes(apiUrl, await newLearner()),
    events(await newLearner()),
    events(await newLearner()),
  ];
  const unexpected: unknown[] = [];
  const counters = loads.map(countdown);
  let isOver = false;
  const running = loads.map((load, index) =>
    run(
      load,
      () => isOver,
      () => counters[index]?.count(),
      unexpected,
    ),
  );
  const recoverySeconds: number[] = [];

  for (let round = 0; round < ROUNDS; round += 1) {
    // As if hours lay between the rounds: a sign-in that a kill interrupts counts as an attempt.
    await database.query((client) => client.db('lectern').collection('rateLimits').deleteMany({}));
    const kill = await database.killer();
    await counters[3]?.reset(5 + random.below(60));
    kill();
    await database.stop();
    await database.start();
    const isBackAt = performance.now();
    const succeeded = counters.map((counter) => counter.reset(1));
    // The other loads hash passwords, which takes a busy machine longer than anything that is measured here.
    await Promise.all(succeeded.slice(loads.findIndex(({ name }) => name === 'refreshes')));
    recoverySeconds.push((performance.now() - isBackAt) / 1000);
    await Promise.all(succeeded);
    expect(unexpected).toEqual([]);
  }
  isOver = true;
  await Promise.all(running);

  expect(unexpected).toEqual([]);
  for (const load of loads) expect({ [load.name]: await load.missing() }).toEqual({ [load.name]: [] });
  if (process.env['LECTERN_KILL_ROUNDS']) {
    const sorted = recoverySeconds.toSorted((a, b) => a - b).map((seconds) => seconds.toFixed(1));
    console.info(`Refreshes and events succeeded again after ${sorted[0]} to ${sorted.at(-1)} s: ${sorted.join(' ')}`);
  }
}, 3_600_000);
