import { type AccessToken, type Answer, exchange, type Fetch, isObject, RequestFailed } from '../platform/http.ts';
import type { Schedule } from '../platform/time-limit.ts';
import { accountOf, WrongAccount } from './account.ts';
import type { Clock } from './clock.ts';
import type { QueueState } from './state.ts';

export interface RequestOptions {
  readonly baseUrl: string;
  readonly accessToken: AccessToken;
  readonly send: Fetch;
  readonly schedule: Schedule;
  readonly state: QueueState;
  readonly clock: Clock;
  readonly inTurn: <T>(name: string, work: () => Promise<T>) => Promise<T>;
  readonly isStopped: () => boolean;
  readonly save: () => Promise<void>;
  /** Called with the date of each answer, and when its request was sent by the elapsed time. */
  readonly onDate: (dateMs: number, sentAt: number) => void;
}

/** What to send: a path, and a body for a POST. */
export type Prepared = readonly [path: string, body?: string];

/**
 * Sends a request as the learner of this queue, while no other tab does.
 * @param prepare called with the token at hand, which may take long, for example if the learner has to sign in. Null if there
 * is nothing left to send.
 */
export type Send = (prepare: () => Promise<Prepared | null>, take: (answer: Answer) => Promise<void>) => Promise<void>;

export function openRequests(options: RequestOptions): Send {
  const { baseUrl, state, clock, isStopped } = options;

  function assertRunning(): void {
    if (isStopped()) throw new RequestFailed('The queue was stopped');
  }

  /** @throws WrongAccount for a token of another learner than the first one, or than the app said */
  async function tokenFor(refused: string | undefined): Promise<string> {
    assertRunning();
    const token = await options.accessToken(refused !== undefined, refused);
    assertRunning();
    const account = accountOf(token);
    if (account !== null && state.account === null) {
      state.account = account;
      state.unsaved.add('rest');
      // Stored before anything is sent. A full storage does not keep events from the server.
      await options.save().catch(() => undefined);
    }
    if (account !== null && account !== state.account) {
      throw new WrongAccount('The access token is of another account than the stored progress');
    }
    return token;
  }

  return async (prepare, take) => {
    let refused: string | undefined;
    for (let isDone = false; !isDone; ) {
      const token = await tokenFor(refused);
      isDone = await options.inTurn('requests', async () => {
        const [path, body] = (await prepare()) ?? [];
        if (path === undefined) return true;
        assertRunning();
        const authorization = { Authorization: `Bearer ${token}` };
        const init: RequestInit =
          body === undefined
            ? { headers: authorization }
            : { method: 'POST', headers: { ...authorization, 'Content-Type': 'application/json' }, body };
        const sentAt = clock.elapsed();
        const answer = await exchange(options.send, `${baseUrl}${path}`, init, undefined, options.schedule);
        if (answer.status === 401) {
          if (refused !== undefined) throw new RequestFailed('The learner must sign in again');
          refused = token;
          return false;
        }
        // Something in the server's place has a clock of its own, so only JSON counts.
        if (answer.dateMs !== null && isObject(answer.body)) options.onDate(answer.dateMs, sentAt);
        await take(answer);
        return true;
      });
    }
  };
}

export function failureOf({ status, retryAfterMs }: Answer): RequestFailed {
  return new RequestFailed(`The server answered ${status}, or something in its place did`, retryAfterMs);
}

/** A problem of the server's. A proxy or a portal refuses in other words. */
export function isProblem(body: unknown): body is Readonly<Record<string, unknown>> {
  return isObject(body) && String(body['type']).startsWith('urn:lectern:problem:');
}
